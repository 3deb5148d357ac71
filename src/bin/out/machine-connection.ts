import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Resolution, Resolver } from '../../service/ports/resolver.js';
import type { SendError, SenderEvents, SendTarget } from '../../service/ports/sender.js';
import type { Acknowledgements } from './acknowledgements.js';
import { afterNextPoll } from './after-next-poll.js';
import { FrameQueue, type OutgoingFrame } from './frame-queue.js';
import { type ConnectOptions, openConnection } from './open-connection.js';
import { PacedJobs } from './paced-jobs.js';

export interface ConnectionOptions extends ConnectOptions {
  /** How long the kernel may take to accept one frame. */
  readonly writeTimeoutMs: number;
  /** How many bytes may wait for one machine, with the frame that is being written. */
  readonly queueBytes: number;
  /** Finds machines that vanish while packets are sent to them. */
  readonly acknowledgements: Acknowledgements;
  /** Whether frames may be written: false for a replica that does not lead. */
  readonly mayWrite: () => boolean;
  /** Takes a new connection that machines may answer on; what others bring is discarded. */
  readonly opened: (socket: Socket, target: ConnectionTarget) => void;
}

export type ConnectionTarget = Omit<SendTarget, 'ip' | 'attempt'>;

/** Opening a connection takes most of a tenth of a millisecond: all senders share their turns. */
const openings = new PacedJobs();

interface Open {
  readonly at: 'open';
  readonly socket: Socket;
  /** The first frame of the queue is in `socket.write`. */
  writing: boolean;
  writeTimer: NodeJS.Timeout | undefined;
  /** The engine's token of the last frame that the kernel accepted. */
  lastAttempt: number | null;
  stopWatching: () => void;
  /** `writeOn` and `onWritten` of this connection, created once and not for every frame. */
  readonly writeOn: () => void;
  readonly onWritten: (error?: Error | null) => void;
}
type State =
  | { readonly at: 'closed' }
  /** It opens in a later turn of the event loop. */
  | { readonly at: 'waiting' }
  | { readonly at: 'opening'; readonly abort: AbortController }
  | Open;

const CLOSED: State = { at: 'closed' };

/** Frames that are written in a row before other work runs: a machine that reads takes them as fast as they are written. */
const BURST_FRAMES = 64;

/**
 * The kept connection to one machine, and the frames that wait for it (S2).
 * Frames are written one at a time, so that it is always known which of them the kernel has accepted.
 * Invariants: a frame stays in the queue until its outcome is known; while frames wait, the connection is waiting to open, opening or open.
 */
export class MachineConnection {
  private readonly queue = new FrameQueue();
  private state: State = CLOSED;

  constructor(
    readonly target: ConnectionTarget,
    private readonly options: ConnectionOptions,
    private readonly resolver: Resolver,
    private readonly events: SenderEvents,
    /** Called after the `done` of each accepted frame. */
    private readonly onFinished: () => void,
  ) {}

  /** Queues the frame. Returns false when too much waits already; in all other cases `frame.done` runs later. */
  send(frame: OutgoingFrame, isUrgent: boolean): boolean {
    const wasEmpty = this.queue.peek() === null;
    if (!wasEmpty && this.queue.bytes + frame.bytes.length > this.options.queueBytes) return false;
    this.queue.push(frame);
    const state = this.state;
    if (state.at === 'closed') this.openLater(frame);
    if (state.at === 'open' && wasEmpty) {
      // A FIN that has arrived is not read before an urgent frame, which may then get lost.
      if (isUrgent) process.nextTick(state.writeOn);
      else afterNextPoll(state.writeOn);
    }
    return true;
  }

  /** Closes the connection. Waiting frames fail with `reset`; that is not a failed attempt. */
  drop(): void {
    this.close();
    this.finishAll(this.queue.takeAll(), 'reset');
  }

  private openLater(first: OutgoingFrame): void {
    const waiting: State = { at: 'waiting' };
    this.state = waiting;
    openings.add(() => {
      if (this.state === waiting) void this.open(first);
    });
  }

  private async open(first: OutgoingFrame): Promise<void> {
    const opening: State = { at: 'opening', abort: new AbortController() };
    this.state = opening;
    const { clusterId, machineId, host } = this.target;
    const onResolved = (found: Resolution): void => this.events.resolved(clusterId, machineId, host, found);
    const target = { ...this.target, ip: first.ip };
    const result = await openConnection(target, this.options, this.resolver, onResolved, opening.abort.signal);
    if (this.state !== opening) {
      if (typeof result !== 'string') result.destroy();
    } else if (typeof result === 'string') {
      this.openFailed(result, first);
    } else {
      this.opened(result);
    }
  }

  private openFailed(error: SendError, first: OutgoingFrame): void {
    this.state = CLOSED;
    const frames = this.queue.takeAll();
    // A host without an address is one failed attempt for each send; a source address that cannot be used is none (S2).
    if (error === 'unresolved') for (const { attempt } of frames) this.failed(attempt);
    else if (error !== 'address_unusable') this.failed(first.attempt);
    this.finishAll(frames, error);
  }

  private opened(socket: Socket): void {
    const open: Open = {
      at: 'open',
      socket,
      writing: false,
      writeTimer: undefined,
      lastAttempt: null,
      stopWatching: this.options.acknowledgements.watch(socket, () => this.vanished(open)),
      writeOn: () => this.writeOn(open),
      onWritten: (error) => this.onWritten(open, error),
    };
    this.state = open;
    socket.on('end', () => this.lost(open));
    socket.on('error', () => this.lost(open));
    this.options.opened(socket, this.target);
    // OpenSIPS 2.2 sends nothing back on this connection. What arrives all the same must not fill the buffers.
    socket.resume();
    this.writeOn(open);
  }

  /** Writes until nothing waits, the kernel accepts no more, or `BURST_FRAMES` were written. */
  private writeOn(open: Open): void {
    if (!this.options.mayWrite()) {
      this.drop();
      return;
    }
    for (let burst = 0; burst < BURST_FRAMES; burst++) {
      const frame = this.queue.peek();
      if (this.state !== open || open.writing || frame === null) return;
      open.writing = true;
      open.socket.write(frame.bytes, open.onWritten);
      if (open.socket.errored !== null) {
        // An error that is known when `write` returns means that the kernel accepted not even the first byte.
        open.writing = false;
        this.lost(open);
      } else if (open.socket.writableLength > 0) {
        open.writeTimer = setTimeout(() => this.writeTimedOut(frame), this.options.writeTimeoutMs);
      } else {
        this.written(open, frame);
      }
    }
    setImmediate(open.writeOn);
  }

  /** Node also calls back for frames that were written when `write` returned; `writableLength` then counts the frame after them. */
  private onWritten(open: Open, error?: Error | null): void {
    const frame = this.queue.peek();
    if (error || this.state !== open || !open.writing || frame === null || open.socket.writableLength > 0) return;
    clearTimeout(open.writeTimer);
    this.written(open, frame);
    this.writeOn(open);
  }

  private written(open: Open, frame: OutgoingFrame): void {
    open.writing = false;
    open.lastAttempt = frame.attempt;
    this.queue.shift();
    this.events.succeeded(this.target.clusterId, this.target.machineId, frame.attempt);
    this.finish(frame, null);
  }

  private writeTimedOut(frame: OutgoingFrame): void {
    this.close();
    const frames = this.queue.takeAll();
    this.failed(frame.attempt);
    this.finishAll(frames, 'timeout');
  }

  /**
   * The peer closed the connection, or it broke. A frame that may be partly written is lost, because the peer must never get it twice.
   * The frames after it move to a new connection, once. Without a lost frame this is not a failed attempt, unless the frame of an
   * earlier `attempt` is known to be lost.
   */
  private lost(open: Open, attempt: number | null = null): void {
    if (this.state !== open) return;
    this.close();
    const lost: OutgoingFrame[] = [];
    for (const [i, frame] of this.queue.takeAll().entries()) {
      if (frame.retried || (i === 0 && open.writing)) {
        lost.push(frame);
      } else {
        frame.retried = true;
        this.queue.push(frame);
      }
    }
    const failedAttempt = lost[0]?.attempt ?? attempt;
    if (failedAttempt !== null) this.failed(failedAttempt);
    const next = this.queue.peek();
    if (next && this.state === CLOSED) this.openLater(next);
    this.finishAll(lost, 'reset');
  }

  /** The peer acknowledges nothing: one failed attempt. The reset drops what the kernel still has, so that it cannot arrive after later packets. */
  private vanished(open: Open): void {
    // Node cannot reset a TLS socket, and the TCP socket below it must not be destroyed.
    if (!(open.socket instanceof TLSSocket)) open.socket.resetAndDestroy();
    this.lost(open, open.lastAttempt);
  }

  private close(): void {
    const state = this.state;
    this.state = CLOSED;
    if (state.at === 'opening') state.abort.abort();
    if (state.at === 'open') {
      clearTimeout(state.writeTimer);
      state.stopWatching();
      state.socket.destroy();
    }
  }

  private failed(attempt: number): void {
    this.events.failed(this.target.clusterId, this.target.machineId, attempt);
  }

  private finishAll(frames: readonly OutgoingFrame[], error: SendError): void {
    for (const frame of frames) this.finish(frame, error);
  }

  private finish(frame: OutgoingFrame, error: SendError | null): void {
    frame.done(error);
    this.onFinished();
  }
}
