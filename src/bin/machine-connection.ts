import type { Socket } from 'node:net';
import type { Resolver, SendError, SenderEvents, SendTarget } from '../service/ports.js';
import { FrameQueue, type OutgoingFrame } from './frame-queue.js';
import { type ConnectOptions, openConnection } from './open-connection.js';

export interface ConnectionOptions extends ConnectOptions {
  /** How long the kernel may take to accept one frame. */
  readonly writeTimeoutMs: number;
  /** How much may wait for one machine, the frame being written included. */
  readonly queueBytes: number;
}

interface Open {
  readonly at: 'open';
  readonly socket: Socket;
  /** The frame at the head of the queue is in `socket.write`. */
  writing: boolean;
  writeTimer: NodeJS.Timeout | undefined;
  /** Frames written in a row, see `BURST_FRAMES`. */
  burst: number;
}
type State = { readonly at: 'closed' } | { readonly at: 'opening'; readonly abort: AbortController } | Open;

const CLOSED: State = { at: 'closed' };

/** Frames written in a row before others get their turn: a write that succeeds at once calls back before any I/O. */
const BURST_FRAMES = 64;

/**
 * The kept connection to one machine and the frames that wait for it (contract, sections 7 and 8.2).
 * Frames are written one at a time, so that it is always known which of them the kernel has.
 * Invariant: a frame stays in the queue until its outcome is known; while frames wait, the connection is opening or open.
 */
export class MachineConnection {
  private readonly queue = new FrameQueue();
  private state: State = CLOSED;

  constructor(
    readonly target: Omit<SendTarget, 'attempt'>,
    private readonly options: ConnectionOptions,
    private readonly resolver: Resolver,
    private readonly events: SenderEvents,
  ) {}

  /** Takes the frame, or answers false when too much waits already. `frame.done` runs later in any case but that. */
  send(frame: OutgoingFrame): boolean {
    const wasEmpty = this.queue.peek() === undefined;
    if (!wasEmpty && this.queue.bytes + frame.bytes.length > this.options.queueBytes) return false;
    this.queue.push(frame);
    const state = this.state;
    if (state.at === 'closed') void this.open(frame);
    if (state.at === 'open' && wasEmpty) afterPoll(() => this.writeNext(state));
    return true;
  }

  /** Closes the connection; waiting frames fail with `reset`, and no attempt is reported. */
  drop(): void {
    this.close();
    finish(this.queue.takeAll(), 'reset');
  }

  private async open(first: OutgoingFrame): Promise<void> {
    const opening: State = { at: 'opening', abort: new AbortController() };
    this.state = opening;
    const { clusterId, machineId, host } = this.target;
    const onResolved = (ip: string | null): void => this.events.resolved(clusterId, machineId, host, ip);
    const result = await openConnection(this.target, this.options, this.resolver, onResolved, opening.abort.signal);
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
    // A host without address is a failed attempt of each send, an address we cannot use is nobody's (contract, section 8).
    if (error === 'unresolved') for (const frame of frames) this.failed(frame);
    else if (error !== 'address_unusable') this.failed(first);
    finish(frames, error);
  }

  private opened(socket: Socket): void {
    const open: Open = { at: 'open', socket, writing: false, writeTimer: undefined, burst: 0 };
    this.state = open;
    socket.on('end', () => this.lost(open));
    socket.on('error', () => this.lost(open));
    // Peers of 2.2 answer on connections of their own; what comes back here is nothing, but must not fill up.
    socket.resume();
    this.writeNext(open);
  }

  private writeNext(open: Open): void {
    if (this.state !== open || open.writing) return;
    const frame = this.queue.peek();
    if (frame === undefined) return;
    open.writing = true;
    open.socket.write(frame.bytes, (error) => {
      if (!error && this.state === open) this.written(open, frame);
    });
    if (open.socket.errored !== null) {
      // Node knows of the error before `write` returns only if the kernel refused the first byte.
      open.writing = false;
      this.lost(open);
    } else if (open.socket.writableLength > 0) {
      open.writeTimer = setTimeout(() => this.writeTimedOut(frame), this.options.writeTimeoutMs);
    }
  }

  private written(open: Open, frame: OutgoingFrame): void {
    clearTimeout(open.writeTimer);
    open.writing = false;
    this.queue.shift();
    this.events.succeeded(this.target.clusterId, this.target.machineId, frame.attempt);
    frame.done(null);
    open.burst = (open.burst + 1) % BURST_FRAMES;
    if (open.burst > 0) this.writeNext(open);
    else setImmediate(() => this.writeNext(open));
  }

  private writeTimedOut(frame: OutgoingFrame): void {
    this.close();
    const frames = this.queue.takeAll();
    this.failed(frame);
    finish(frames, 'timeout');
  }

  /**
   * The peer closed, or the connection broke. A frame that may be partly written is lost, since the peer must never get it twice;
   * those behind it move on to a new connection, once. Nothing written and nothing waiting: nobody needs to know.
   */
  private lost(open: Open): void {
    if (this.state !== open) return;
    this.close();
    const lost: OutgoingFrame[] = [];
    for (const [i, frame] of this.queue.takeAll().entries()) {
      if (frame.movedOn || (i === 0 && open.writing)) {
        lost.push(frame);
      } else {
        frame.movedOn = true;
        this.queue.push(frame);
      }
    }
    if (lost[0]) this.failed(lost[0]);
    const next = this.queue.peek();
    if (next && this.state === CLOSED) void this.open(next);
    finish(lost, 'reset');
  }

  private close(): void {
    const state = this.state;
    this.state = CLOSED;
    if (state.at === 'opening') state.abort.abort();
    if (state.at === 'open') {
      clearTimeout(state.writeTimer);
      state.socket.destroy();
    }
  }

  private failed(frame: OutgoingFrame): void {
    this.events.failed(this.target.clusterId, this.target.machineId, frame.attempt);
  }
}

/**
 * Runs when the event loop has looked at the sockets once more: a peer's goodbye that is already here is then read before
 * we write into a connection that nobody reads. The first immediate may come before the next look, the second cannot.
 */
function afterPoll(run: () => void): void {
  setImmediate(() => setImmediate(run));
}

function finish(frames: readonly OutgoingFrame[], error: SendError): void {
  for (const frame of frames) frame.done(error);
}
