import type { Peer } from '../../domain/fleet/peer.js';
import { invalidInput } from '../../schemas/validation.js';
import { refusal } from '../../wire/cluster/dangers.js';
import { FAMILIES, type Family } from '../../wire/cluster/family.js';
import type { PacketContent } from '../../wire/dialects/dialect.js';
import { V22 } from '../../wire/dialects/v22.js';
import { v24 } from '../../wire/dialects/v24.js';
import { layoutsOf, versionsOf } from '../../wire/modules/layouts.js';
import { fits } from '../../wire/modules/payloads.js';
import { checkedCapability, checkName, payloadTooLong } from './packet-checks.js';

/** A packet to send. The service adds everything that says from whom and to whom it is. */
export interface OutgoingContent extends Omit<PacketContent, 'version'> {
  /** Null: in dialect 2.4 the version that the machine understands, in 2.2 version 1. */
  readonly version: number | null;
}

/** What is known of the packets that a machine understands. */
export type Understood = Pick<Peer, 'family' | 'versions'>;

/** Returns the bytes for one machine. `layout`: the payload is not what the machine would read in this version. */
export type FrameFor = (machineId: number, peer: Understood | null) => Buffer | 'layout';

/**
 * In dialect 2.2 all machines get the same bytes.
 * @param pointer what makes the payload
 * @throws `invalid_input` for the module name, `payload_too_long`
 */
export function frames22({ version, ...content }: OutgoingContent, machineId: number, pointer = '/payload'): FrameFor {
  checkName(content.module);
  const frame = V22.encode({ ...content, version: version ?? 1 }, { clusterId: 0, machineId, destination: 0 });
  if (frame === 'too_long') throw payloadTooLong('2.2', pointer);
  return () => frame;
}

/**
 * In dialect 2.4 each machine gets its own destination, and its own version unless the packet names one.
 * @param sender the own id
 * @param pointer what makes the payload
 * @throws `module_reserved`, `payload_too_long`, and `invalid_input` for a name that no packet may have, or a payload that fits no version
 */
export function frames24(packet: OutgoingContent, clusterId: number, sender: number, pointer = '/payload'): FrameFor {
  const module = checkedCapability(packet.module);
  const encode = (version: number, destination: number) =>
    v24.encode({ ...packet, module, version }, { clusterId, machineId: sender, destination });
  // Version and destination change nothing in length or danger.
  const sample = encode(1, sender);
  if (sample === 'too_long') throw payloadTooLong('2.4', pointer);
  const danger = refusal(sample, 'E');
  if (danger !== null) {
    throw invalidInput([{ pointer: '/module', detail: `makes packets that harm daemons (${danger.harm})` }]);
  }
  const check = layoutCheck({ ...packet, module });
  return (machineId, peer) => {
    const family = peer?.family ?? null;
    const version = versionFor(module, packet.version, peer);
    if (!check(version, family)) return 'layout';
    const frame = encode(version, machineId);
    if (frame === 'too_long') throw new RangeError('a destination has made the packet longer');
    return frame;
  };
}

/** The version of the packet for one machine (F10). `named`: what the packet names, or null. */
export function versionFor(capability: string, named: number | null, peer: Understood | null): number {
  return named ?? peer?.versions.toSend(capability, peer.family) ?? 1;
}

/**
 * Returns a function that says whether the payload is what a machine of a family reads in a version. Bytes that are cut short, or have another
 * version's fields, can end a daemon, so a machine of unknown family gets only what all families read alike. Modules without tables are not checked.
 * @throws `invalid_input` if the payload fits no version
 */
function layoutCheck({
  module,
  packetType,
  payload,
}: OutgoingContent): (version: number, family: Family | null) => boolean {
  const versions = versionsOf('2.4', module);
  if (versions.length === 0) return () => true;
  const isFit = (version: number, family: Family | null) =>
    fits(layoutsOf({ dialect: '2.4', module, version, packetType, family }), payload);
  if (!versions.some((version) => isFit(version, null))) {
    const detail = `fits no version of ${module} packets of type ${packetType}; docs/layouts.md lists their fields`;
    throw invalidInput([{ pointer: '/payload', detail }]);
  }
  // A cluster has many machines, and few versions and families.
  const known = new Map<string, boolean>();
  return (version, family) => {
    const key = `${version} ${family}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const result = family === null ? FAMILIES.every((one) => isFit(version, one)) : isFit(version, family);
    known.set(key, result);
    return result;
  };
}
