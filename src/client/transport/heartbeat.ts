interface HeartbeatEvents {
  /** Sends a request that the service answers. */
  ping(): void;
  /** There was no answer. */
  silent(): void;
}

/**
 * Detects a dead connection. When nothing came for one heartbeat interval of the service, it pings; when nothing comes after that
 * either, the connection is dead. A browser does not show the pings of the service itself.
 */
export class Heartbeat {
  /** True while this side does not read: silence means nothing then. */
  isPaused = false;
  private hasReceived = true;
  private beat: ReturnType<typeof setInterval> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly events: HeartbeatEvents) {}

  start(heartbeatSeconds: number, pongSeconds: number): void {
    this.beat = setInterval(() => {
      const ask = !this.hasReceived && !this.isPaused && this.silence === undefined;
      this.hasReceived = false;
      if (!ask) return;
      this.silence = setTimeout(() => this.events.silent(), pongSeconds * 1000);
      this.events.ping();
    }, heartbeatSeconds * 1000);
  }

  /** Call for every message. */
  received(): void {
    this.hasReceived = true;
    clearTimeout(this.silence);
    this.silence = undefined;
  }

  stop(): void {
    clearInterval(this.beat);
    clearTimeout(this.silence);
  }
}
