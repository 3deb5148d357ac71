import type { Socket } from 'node:net';
import type { Log } from '../../ground/ports.js';
import { formatAddress } from '../../wire/address.js';
import { placeOf, retransmissions } from './socket-table.js';

const LOOK_EVERY_MS = 4_000;

/** How long nothing may be acknowledged while bytes are sent again and again. Shorter breaks heal by themselves. */
const SILENCE_MS = 20_000;

/** After a write the first look may come before TCP has sent anything again; the second cannot. */
const LOOKS_AFTER_WRITE = 2;

interface Watched {
  readonly socket: Socket;
  /** In the table. */
  readonly place: string | null;
  readonly onSilent: () => void;
  bytesWritten: number;
  looksLeft: number;
  retransmissions: number;
  /** Monotonic milliseconds; null while all is acknowledged, or was so lately. */
  silentSince: number | null;
}

/**
 * Finds connections whose peer acknowledges nothing any more. What is written to them is kept by the kernel, which sends it again for a
 * quarter of an hour (tcp(7), tcp_retries2), and all that time it takes more as if all were well; TCP keepalive probes only what is idle. Node cannot
 * bound that (TCP_USER_TIMEOUT), but Linux tells how often each connection has sent again. Elsewhere nothing is found.
 */
export class Acknowledgements {
  private readonly watched = new Set<Watched>();
  private timer: NodeJS.Timeout | undefined;
  private looking = false;
  private unreadableSaid = false;

  constructor(
    private readonly log: Log,
    private readonly look: () => Promise<ReadonlyMap<string, number>> = retransmissions,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Calls `onSilent` once, unless the watch is stopped before by what this returns. */
  watch(socket: Socket, onSilent: () => void): () => void {
    const watched: Watched = {
      socket,
      place: placeOf(socket),
      onSilent,
      bytesWritten: 0,
      looksLeft: 0,
      retransmissions: 0,
      silentSince: null,
    };
    this.watched.add(watched);
    if (process.platform === 'linux') this.timer ??= setInterval(() => void this.check(), LOOK_EVERY_MS).unref();
    return () => this.forget(watched);
  }

  /** Looks once, if there may be anything to see. */
  async check(): Promise<void> {
    if (this.looking || !this.mayBeSilent()) return;
    this.looking = true;
    try {
      const table = await this.look();
      for (const watched of this.watched) this.judge(watched, (watched.place && table.get(watched.place)) || 0);
    } catch (error) {
      this.sayUnreadable(error instanceof Error ? error.message : String(error));
    } finally {
      this.looking = false;
    }
  }

  private mayBeSilent(): boolean {
    let may = false;
    for (const watched of this.watched) {
      const { bytesWritten } = watched.socket;
      if (bytesWritten !== watched.bytesWritten) watched.looksLeft = LOOKS_AFTER_WRITE;
      watched.bytesWritten = bytesWritten;
      may ||= watched.looksLeft > 0;
    }
    return may;
  }

  private judge(watched: Watched, retransmissions: number): void {
    const now = this.now();
    if (retransmissions === 0) {
      watched.looksLeft--;
      watched.silentSince = null;
    } else {
      watched.looksLeft = LOOKS_AFTER_WRITE;
      // Fewer than before: something was acknowledged in between.
      if (retransmissions < watched.retransmissions) watched.silentSince = now;
      watched.silentSince ??= now;
    }
    watched.retransmissions = retransmissions;
    if (watched.silentSince === null || now - watched.silentSince < SILENCE_MS) return;
    const { remoteAddress = '', remotePort = 0 } = watched.socket;
    const fields = { machine: formatAddress(remoteAddress, remotePort), retransmissions };
    this.log.warn(
      fields,
      'connection closed: this machine has acknowledged nothing for 20 seconds, what it was sent is lost',
    );
    this.forget(watched);
    watched.onSilent();
  }

  private sayUnreadable(reason: string): void {
    if (this.unreadableSaid) return;
    this.unreadableSaid = true;
    const message = 'machines that vanish while they are sent to are noticed late: /proc/net/tcp cannot be read';
    this.log.warn({ reason }, message);
  }

  private forget(watched: Watched): void {
    this.watched.delete(watched);
    if (this.watched.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
