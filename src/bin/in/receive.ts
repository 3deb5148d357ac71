import type { Socket } from 'node:net';
import type { Address } from '../../wire/address.js';
import { FrameParser } from '../../wire/frame.js';
import { decodePacket, type Packet, type ReceivedPacket } from '../../wire/packet.js';
import type { BinFault } from './fault-counts.js';

export interface IncomingOptions {
  /** What packets of this connection are said to have come by. */
  readonly protocol: string;
  /** How long a frame may stay half, from its first byte on. */
  readonly frameTimeoutMs: number;
  /** Silence after which the connection is closed; 0: never. */
  readonly idleTimeoutMs: number;
}

/**
 * Turns one accepted connection into packets, in order, until it ends or breaks the rules; then `onFault` says why and the
 * socket is destroyed. It reads on in each turn of the event loop, whatever waits for modules: a peer of OpenSIPS drops a connection that
 * stops reading.
 */
export function receivePackets(
  socket: Socket,
  source: Address,
  options: IncomingOptions,
  onPacket: (packet: ReceivedPacket) => void,
  onFault: (fault: BinFault) => void,
): void {
  let hadWholeFrame = false;
  let halfFrameTimer: NodeJS.Timeout | null = null;

  const parser = new FrameParser((frames, count) => {
    hadWholeFrame = true;
    const packet = decodePacket(frames);
    if (packet === 'too_short') onFault('too_short');
    else onPacket(withSource(packet, count, options.protocol, source));
  });

  const closeFor = (fault: BinFault): void => {
    onFault(fault);
    socket.destroy();
  };

  /** The timer runs only while a half frame waits, and starts anew only when that is another frame than before. */
  const watchHalfFrame = (isNewFrame: boolean): void => {
    if (!parser.pending) {
      clearTimeout(halfFrameTimer ?? undefined);
      halfFrameTimer = null;
    } else if (halfFrameTimer === null) {
      halfFrameTimer = setTimeout(closeFor, options.frameTimeoutMs, 'frame_timeout');
    } else if (isNewFrame) {
      halfFrameTimer.refresh();
    }
  };

  socket.on('data', (chunk: Buffer) => {
    hadWholeFrame = false;
    const fault = parser.push(chunk);
    if (fault === null) watchHalfFrame(hadWholeFrame);
    else if (!socket.destroyed) closeFor(fault);
  });
  socket.setTimeout(options.idleTimeoutMs, () => closeFor('idle_timeout'));
  // A reset needs no answer beyond the 'close' that follows it.
  socket.on('error', () => {});
  socket.on('close', (hadError) => {
    clearTimeout(halfFrameTimer ?? undefined);
    const byPeer = hadError || socket.readableEnded;
    if (byPeer && parser.pending) onFault('ended_in_frame');
  });
}

/** Field by field: object spread would cost more than decoding the packet. */
function withSource(packet: Packet, count: number, protocol: string, source: Address): ReceivedPacket {
  const { module, packetType, version, machineId, frame, payloadOffset } = packet;
  return { module, packetType, version, machineId, frame, payloadOffset, count, protocol, source };
}
