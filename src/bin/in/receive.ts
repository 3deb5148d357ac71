import type { Socket } from 'node:net';
import type { Address } from '../../wire/address.js';
import { releaseOf } from '../../wire/dialects/detect.js';
import { FrameParser } from '../../wire/frame.js';
import type { FrameRun, ReceivedRun } from '../../wire/frame-run.js';
import { FairReads } from './fair-reads.js';
import type { BinFault } from './fault-counts.js';
import { freeRead } from './free-read.js';

/** One for all sockets, because they share the event loop. */
const fairReads = new FairReads();

export interface IncomingOptions {
  /** The protocol of the packets of this connection. */
  readonly protocol: string;
  /** How long an incomplete frame may wait for its remaining bytes, from its first byte on. */
  readonly frameTimeoutMs: number;
  /** Idle time after which the connection is closed; 0: never. */
  readonly idleTimeoutMs: number;
}

/** A connection that brings packets. */
export interface Incoming {
  readonly source: Address;
  /** Its number. */
  readonly connection: number;
  /** The url that this service connected to; null for a connection that it accepted. */
  readonly url: string | null;
  /** Whether no connection may be read at the moment. */
  readonly isHeld: () => boolean;
  /** Whether that was so at some time in these last milliseconds. */
  readonly wasHeld: (lastMs: number) => boolean;
}

/** What comes of a connection. */
export interface IncomingEvents {
  /** Returns why the packets are refused, or null; the connection stays open. */
  run(run: ReceivedRun): BinFault | null;
  /** `reason` tells more for the log. */
  fault(fault: BinFault, reason?: string): void;
}

/**
 * Turns one connection into runs of packets until it ends or has a fault: then the fault goes to `events` and the
 * socket is destroyed. Never stops reading, however much waits for modules: OpenSIPS drops a connection whose peer does not read.
 */
export function receivePackets(
  socket: Socket,
  incoming: Incoming,
  options: IncomingOptions,
  events: IncomingEvents,
): void {
  let hadWholeFrame = false;
  let incompleteTimer: NodeJS.Timeout | null = null;

  const parser = new FrameParser({
    run: (run) => {
      hadWholeFrame = true;
      const refused = events.run(withSource(run, options.protocol, incoming));
      if (refused !== null) events.fault(refused, releaseOf(run.dialect.id));
    },
    tooShort: () => {
      hadWholeFrame = true;
      events.fault('too_short');
    },
  });

  const closeFor = (fault: BinFault): void => {
    const { otherDialect } = parser;
    if (otherDialect === null) events.fault(fault);
    else events.fault(fault, releaseOf(otherDialect));
    socket.destroy();
  };

  /** While the socket is not read, its peer is not to blame for what is missing. */
  const frameTimedOut = (): void => {
    if (incoming.wasHeld(options.frameTimeoutMs)) incompleteTimer = setTimeout(frameTimedOut, options.frameTimeoutMs);
    else closeFor('frame_timeout');
  };

  /** The timer runs only while a frame is incomplete, and restarts only when that is another frame than before. */
  const watchIncomplete = (isNewFrame: boolean): void => {
    if (!parser.pending) {
      clearTimeout(incompleteTimer ?? undefined);
      incompleteTimer = null;
    } else if (incompleteTimer === null) {
      incompleteTimer = setTimeout(frameTimedOut, options.frameTimeoutMs);
    } else if (isNewFrame) {
      incompleteTimer.refresh();
    }
  };

  const watchIdle = (): void => {
    socket.setTimeout(options.idleTimeoutMs, () => {
      if (incoming.wasHeld(options.idleTimeoutMs)) watchIdle();
      else closeFor('idle_timeout');
    });
  };

  fairReads.share(socket, incoming.isHeld);
  socket.on('data', (chunk: Buffer) => {
    hadWholeFrame = false;
    const fault = parser.push(chunk);
    freeRead(chunk);
    if (fault === null) watchIncomplete(hadWholeFrame);
    else if (!socket.destroyed) closeFor(fault);
  });
  watchIdle();
  // After a reset, 'close' follows.
  socket.on('error', () => {});
  socket.on('close', (hadError) => {
    clearTimeout(incompleteTimer ?? undefined);
    const byPeer = hadError || socket.readableEnded;
    if (byPeer && parser.pending) events.fault('ended_in_frame');
  });
}

/** Copies field by field, which is faster than object spread. */
function withSource(run: FrameRun, protocol: string, { source, connection, url }: Incoming): ReceivedRun {
  const { dialect, head, count, pieces } = run;
  return { dialect, head, count, pieces, protocol, source, connection, url };
}
