import { EXTRA, INTERNAL, LAYOUT_24 } from '../dialects/layout-24.js';
import { isBridged, v24 } from '../dialects/v24.js';
import { decodeExtra, NEVER_SYNCED } from './extra.js';
import { FAMILY_TRAITS, type Family } from './family.js';
import { isFault, type MessageFault } from './fault.js';
import { decodeInternal } from './internal.js';
import type { ClusterMessage } from './messages.js';

/** A frame on its way out. */
interface Outgoing {
  readonly frame: Buffer;
  readonly family: Family;
  readonly version: number;
  readonly isBridged: boolean;
  /** Null for a module's packet. */
  readonly message: ClusterMessage | MessageFault | null;
  /** Whether this service has the complete data of a capability. */
  readonly holds: (capability: string) => boolean;
}

/** Something that harms daemons, and so is never sent. */
export interface Danger {
  readonly id: string;
  /** The releases that it harms. */
  readonly releases: string;
  readonly harm: string;
  readonly is: (outgoing: Outgoing) => boolean;
}

/** The dangers that the header shows. They are checked first, because without a valid header there is no message. */
const HEADER_DANGERS: readonly (Omit<Danger, 'is'> & { readonly is: (frame: Buffer) => boolean })[] = [
  {
    id: 'zero_length',
    releases: '2.2 to 3.5, 3.6.0 to 3.6.6',
    harm: 'a TCP worker loops for ever',
    is: (frame) => frame.length < 8 || frame.readUInt32LE(LAYOUT_24.lengthAt) === 0,
  },
  {
    id: 'wrong_length',
    releases: 'all',
    harm: 'the daemon waits for bytes that do not come, or reads the next packet from its middle',
    is: (frame) => frame.readUInt32LE(LAYOUT_24.lengthAt) !== frame.length,
  },
  {
    id: 'too_long',
    releases: '4.0',
    harm: 'the connection is closed',
    is: (frame) => frame.length > LAYOUT_24.maximumSent,
  },
  {
    id: 'bad_header',
    releases: '2.3 to 3.6.5',
    harm: 'the daemon closes the connection, or reads a capability beyond the packet',
    is: (frame) => v24.measure(frame, 0, frame.length) !== frame.length || v24.decode(frame) === 'too_short',
  },
];

/** The dangers that the message shows. */
const MESSAGE_DANGERS: readonly Danger[] = [
  {
    id: 'malformed',
    releases: 'all; counts beyond their bounds up to 3.5, MI parameters up to 3.6',
    harm: 'the daemon reads undefined fields, or writes beyond an array: counts are not checked against the packet',
    is: ({ message }) => message !== null && isFault(message),
  },
  {
    id: 'other_family',
    releases: 'all',
    harm: 'the number means another message, or the fields are shifted',
    is: ({ message, family, frame, version }) => {
      if (message === null || isFault(message)) return false;
      const traits = FAMILY_TRAITS[family];
      if (message.type === 'capabilities') {
        const packetType = frame.readInt32LE(LAYOUT_24.capabilityAt + INTERNAL.length);
        return (
          packetType !== traits.capabilitiesType || (message.sequence !== null) !== traits.capabilitiesHaveSequence
        );
      }
      return (message.type === 'sync' || message.type === 'sync_end') && version !== traits.syncVersion;
    },
  },
  {
    id: 'ratelimit_sync',
    releases: '2.4 and later',
    harm: 'the capability has no sync, and the request is never done',
    is: ({ message }) =>
      message !== null && !isFault(message) && message.type === 'sync_request' && message.capability === NEVER_SYNCED,
  },
  {
    id: 'unheld_capability',
    releases: '2.4 and later',
    harm: 'the service gets a share of the work, and as donor makes daemons drop what it does not send',
    // Only what this service announces of itself counts, not what it passes on.
    is: ({ message, holds }) =>
      message !== null &&
      !isFault(message) &&
      message.type === 'capabilities' &&
      message.path.length === 1 &&
      message.nodes.some(
        (node) => node.machineId === message.origin && node.capabilities.some((it) => it.isSynced && !holds(it.name)),
      ),
  },
  {
    id: 'removes_itself',
    releases: '3.2 and later',
    harm: 'a daemon that is told to remove itself disables itself',
    is: ({ message }) =>
      message !== null &&
      !isFault(message) &&
      message.type === 'remove_node' &&
      message.machineId === message.destination,
  },
  {
    id: 'bridge_mark',
    releases: '4.0',
    harm: 'the packet counts as one of another cluster, whatever its source',
    is: (outgoing) => outgoing.isBridged,
  },
];

/** All dangers, for tests. */
export const DANGERS: readonly Pick<Danger, 'id' | 'releases' | 'harm'>[] = [...HEADER_DANGERS, ...MESSAGE_DANGERS];

/**
 * Returns the danger of sending this frame to a daemon of the family, or null. Call it before every packet of `clusterer-internal` and
 * `clusterer-extra`. One danger cannot be seen in a frame: `sync` without `sync_end`. `packSync` writes both.
 *
 * @param holds whether this service has the complete data of a capability; by default of none
 */
export function refusal(
  frame: Buffer,
  family: Family,
  holds: (capability: string) => boolean = () => false,
): Pick<Danger, 'id' | 'releases' | 'harm'> | null {
  const visible = HEADER_DANGERS.find(({ is }) => is(frame));
  if (visible !== undefined) return visible;
  const head = v24.decode(frame);
  if (head === 'too_short') return null;
  const message =
    head.module === INTERNAL ? decodeInternal(frame) : head.module === EXTRA ? decodeExtra(frame, family) : null;
  const outgoing = { frame, family, version: head.version, isBridged: isBridged(head), message, holds };
  return MESSAGE_DANGERS.find(({ is }) => is(outgoing)) ?? null;
}
