import { LAYOUT_24 } from '../dialects/layout-24.js';
import { BOUNDS } from './bounds.js';
import { FAMILY_TRAITS, type Family } from './family.js';
import { isFault } from './fault.js';
import { decodeInternal } from './internal.js';
import type { InternalMessage } from './messages.js';

/**
 * Returns the frame with which `machineId` passes a flood on: its id is appended to the path, and capabilities want no reply. All other bytes
 * stay. Null if the message is not a flood, if its path is full or contains this machine, or if the frame would be too long.
 */
export function relayed(frame: Buffer, machineId: number): Buffer | null {
  const message = decodeInternal(frame);
  if (isFault(message) || !('path' in message)) return null;
  const { path } = message;
  if (path.length > BOUNDS.floodedPath || path.includes(machineId) || message.origin === machineId) return null;
  const length = frame.length + 4;
  if (length > LAYOUT_24.maximumSent) return null;
  const onward = Buffer.alloc(length);
  frame.copy(onward);
  onward.writeUInt32LE(length, LAYOUT_24.lengthAt);
  const pathAt = frame.length - 4 * (path.length + 1);
  onward.writeInt32LE(path.length + 1, pathAt);
  onward.writeInt32LE(machineId, frame.length);
  if (message.type === 'capabilities') onward.writeInt32LE(0, pathAt - 4);
  return onward;
}

/**
 * Returns the message as a family can write it: capabilities lose their sequence in a family without one. Null if the family needs a
 * sequence and there is none: an invented sequence could be newer than the real ones.
 */
export function adapted(message: InternalMessage, family: Family): InternalMessage | null {
  if (message.type !== 'capabilities') return message;
  if (!FAMILY_TRAITS[family].capabilitiesHaveSequence) return { ...message, sequence: null };
  return message.sequence === null ? null : message;
}
