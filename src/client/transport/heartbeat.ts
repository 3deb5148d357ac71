interface HeartbeatEvents {
  /** Asks for a sign of life. */
  ping(): void;
  /** There was none. */
  silent(): void;
}

/**
 * Notices a service that is gone without a word: when nothing was heard for as long as it says it pings, it is asked;
 * when nothing is heard then either, it is gone. A browser does not show the service's own pings.
 */
export class Heartbeat {
  /** While this side does not listen, silence means nothing. */
  deaf = false;
  private wasHeard = true;
  private beat: ReturnType<typeof setInterval> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly events: HeartbeatEvents) {}

  start(heartbeatSeconds: number, pongSeconds: number): void {
    this.beat = setInterval(() => {
      const ask = !this.wasHeard && !this.deaf && this.silence === undefined;
      this.wasHeard = false;
      if (!ask) return;
      this.silence = setTimeout(() => this.events.silent(), pongSeconds * 1000);
      this.events.ping();
    }, heartbeatSeconds * 1000);
  }

  /** Anything came. */
  heard(): void {
    this.wasHeard = true;
    clearTimeout(this.silence);
    this.silence = undefined;
  }

  stop(): void {
    clearInterval(this.beat);
    clearTimeout(this.silence);
  }
}
