import type { Socket } from 'node:net';
import type { Address } from '../../wire/address.js';
import { V22 } from '../../wire/dialects/v22.js';
import { FrameParser } from '../../wire/frame.js';
import type { FrameRun, ReceivedRun } from '../../wire/frame-run.js';
import type { BinFault } from './fault-counts.js';

export interface IncomingOptions {
  /** The protocol of the packets of this connection. */
  readonly protocol: string;
  /** How long an incomplete frame may wait for its remaining bytes, from its first byte on. */
  readonly frameTimeoutMs: number;
  /** Idle time after which the connection is closed; 0: never. */
  readonly idleTimeoutMs: number;
}

/**
 * Turns one accepted connection into runs of packets until it ends or has a fault: then the fault goes to `onFault` and the
 * socket is destroyed. Never stops reading, however much waits for modules: OpenSIPS drops a connection whose peer does not read.
 */
export function receivePackets(
  socket: Socket,
  source: Address,
  options: IncomingOptions,
  onRun: (run: ReceivedRun) => void,
  onFault: (fault: BinFault) => void,
): void {
  let hadWholeFrame = false;
  let incompleteTimer: NodeJS.Timeout | null = null;

  const parser = new FrameParser(V22, {
    run: (run) => {
      hadWholeFrame = true;
      onRun(withSource(run, options.protocol, source));
    },
    tooShort: () => {
      hadWholeFrame = true;
      onFault('too_short');
    },
  });

  const closeFor = (fault: BinFault): void => {
    onFault(fault);
    socket.destroy();
  };

  /** The timer runs only while a frame is incomplete, and restarts only when that is another frame than before. */
  const watchIncomplete = (isNewFrame: boolean): void => {
    if (!parser.pending) {
      clearTimeout(incompleteTimer ?? undefined);
      incompleteTimer = null;
    } else if (incompleteTimer === null) {
      incompleteTimer = setTimeout(closeFor, options.frameTimeoutMs, 'frame_timeout');
    } else if (isNewFrame) {
      incompleteTimer.refresh();
    }
  };

  socket.on('data', (chunk: Buffer) => {
    hadWholeFrame = false;
    const fault = parser.push(chunk);
    if (fault === null) watchIncomplete(hadWholeFrame);
    else if (!socket.destroyed) closeFor(fault);
  });
  socket.setTimeout(options.idleTimeoutMs, () => closeFor('idle_timeout'));
  // After a reset, 'close' follows.
  socket.on('error', () => {});
  socket.on('close', (hadError) => {
    clearTimeout(incompleteTimer ?? undefined);
    const byPeer = hadError || socket.readableEnded;
    if (byPeer && parser.pending) onFault('ended_in_frame');
  });
}

/** Copies field by field, which is faster than object spread. */
function withSource(run: FrameRun, protocol: string, source: Address): ReceivedRun {
  const { dialect, head, count, byteLength, read, stretches } = run;
  return { dialect, head, count, byteLength, read, stretches, protocol, source };
}
