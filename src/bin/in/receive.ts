import type { Socket } from 'node:net';
import type { Address } from '../../wire/address.js';
import { FrameParser } from '../../wire/frame.js';
import { decodePacket, type Packet, type ReceivedPacket } from '../../wire/packet.js';
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
 * Turns one accepted connection into packets, in order, until it ends or has a fault: then the fault goes to `onFault` and the
 * socket is destroyed. Never stops reading, however much waits for modules: OpenSIPS drops a connection whose peer does not read.
 */
export function receivePackets(
  socket: Socket,
  source: Address,
  options: IncomingOptions,
  onPacket: (packet: ReceivedPacket) => void,
  onFault: (fault: BinFault) => void,
): void {
  let hadWholeFrame = false;
  let incompleteTimer: NodeJS.Timeout | null = null;

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

/** Copies field by field, because object spread would cost more than decoding the packet. */
function withSource(packet: Packet, count: number, protocol: string, source: Address): ReceivedPacket {
  const { module, packetType, version, machineId, frame, payloadOffset } = packet;
  return { module, packetType, version, machineId, frame, payloadOffset, count, protocol, source };
}
