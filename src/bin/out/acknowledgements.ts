import type { Socket } from 'node:net';
import { messageOf } from '../../ground/message-of.js';
import type { Log } from '../../ground/ports.js';
import { formatAddress } from '../../wire/address.js';
import { connectionKey, retransmissions } from './socket-table.js';

const CHECK_EVERY_MS = 4_000;

/** How long TCP may retransmit without any acknowledgement. Shorter interruptions recover by themselves. */
const SILENCE_MS = 20_000;

/** The first check after a write may come before TCP retransmits anything; the second cannot. */
const CHECKS_AFTER_WRITE = 2;

interface Watched {
  readonly socket: Socket;
  /** Its key in the socket table; null once it is closed. */
  readonly key: string | null;
  readonly onSilent: () => void;
  bytesWritten: number;
  checksLeft: number;
  retransmissions: number;
  /** Monotonic milliseconds; null while everything is acknowledged, or was at the last check. */
  silentSince: number | null;
}

/**
 * Finds connections whose peer no longer acknowledges anything. The kernel keeps what is written to them and retransmits it for a
 * quarter of an hour (tcp(7), tcp_retries2). Meanwhile it accepts more, and TCP keepalive does not help: it probes idle connections only.
 * Node cannot set a limit (TCP_USER_TIMEOUT), but Linux shows the number of retransmissions of each connection. On other systems nothing is found.
 */
export class Acknowledgements {
  private readonly watched = new Set<Watched>();
  private timer: NodeJS.Timeout | undefined;
  private checking = false;
  private warned = false;

  constructor(
    private readonly log: Log,
    private readonly read: () => Promise<ReadonlyMap<string, number>> = retransmissions,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Calls `onSilent` at most once. @returns a function that stops watching */
  watch(socket: Socket, onSilent: () => void): () => void {
    const watched: Watched = {
      socket,
      key: connectionKey(socket),
      onSilent,
      bytesWritten: 0,
      checksLeft: 0,
      retransmissions: 0,
      silentSince: null,
    };
    this.watched.add(watched);
    if (process.platform === 'linux') this.timer ??= setInterval(() => void this.check(), CHECK_EVERY_MS).unref();
    return () => this.forget(watched);
  }

  /** Reads the table once, if anything was written lately. */
  async check(): Promise<void> {
    if (this.checking || !this.mayBeSilent()) return;
    this.checking = true;
    try {
      const table = await this.read();
      for (const watched of this.watched) this.judge(watched, (watched.key && table.get(watched.key)) || 0);
    } catch (error) {
      this.warnOnce(messageOf(error));
    } finally {
      this.checking = false;
    }
  }

  private mayBeSilent(): boolean {
    let may = false;
    for (const watched of this.watched) {
      const { bytesWritten } = watched.socket;
      if (bytesWritten !== watched.bytesWritten) watched.checksLeft = CHECKS_AFTER_WRITE;
      watched.bytesWritten = bytesWritten;
      may ||= watched.checksLeft > 0;
    }
    return may;
  }

  private judge(watched: Watched, retransmissions: number): void {
    const now = this.now();
    if (retransmissions === 0) {
      watched.checksLeft--;
      watched.silentSince = null;
    } else {
      watched.checksLeft = CHECKS_AFTER_WRITE;
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
      'BIN connection closed: no TCP acknowledgement from this machine for 20 seconds; unacknowledged packets are lost',
    );
    this.forget(watched);
    watched.onSilent();
  }

  private warnOnce(reason: string): void {
    if (this.warned) return;
    this.warned = true;
    const message = '/proc/net/tcp not readable: machines that vanish during sends are noticed late';
    this.log.warn({ reason }, message);
  }

  private forget(watched: Watched): void {
    this.watched.delete(watched);
    if (this.watched.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
