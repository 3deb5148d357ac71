import { type FrameFor, frames22, frames24, type Understood, versionFor } from './frames.js';
import { checkedCapability, checkName } from './packet-checks.js';
import { type NamedContent, PacketForms } from './packet-forms.js';

/** Where the faults of payloads lie in a packet by name. */
const FIELDS = '/fields';

/** In dialect 2.2 all machines get the same bytes. @throws as `frames22` and `PacketForms` */
export function namedFrames22(packet: NamedContent, machineId: number): FrameFor {
  const { module } = packet;
  checkName(module);
  const version = packet.version ?? 1;
  const forms = new PacketForms('2.2', { ...packet, version });
  forms.check(version, null, 'also names');
  const form = forms.of(version, null);
  if ('faults' in form) return () => 'layout';
  return frames22({ module, version, ...form }, machineId, FIELDS);
}

/**
 * In dialect 2.4 each machine gets the layout of its own version, unless the packet names one.
 * @param sender the own id
 * @param peers what is known of the machines that may get it
 * @throws as `frames24` and `PacketForms`, also if a field does not suit one of the machines
 */
export function namedFrames24(
  packet: NamedContent,
  clusterId: number,
  sender: number,
  peers: Iterable<Understood | null>,
): FrameFor {
  const module = checkedCapability(packet.module);
  const forms = new PacketForms('2.4', { ...packet, module });
  // A cluster has many machines, and few versions and families.
  const frames = new Map<string, FrameFor>();
  const keyOf = (peer: Understood | null) => `${versionFor(module, packet.version, peer)} ${peer?.family ?? null}`;
  for (const peer of peers) {
    const key = keyOf(peer);
    if (frames.has(key)) continue;
    const version = versionFor(module, packet.version, peer);
    const family = peer?.family ?? null;
    forms.check(version, family);
    const form = forms.of(version, family);
    if (!('faults' in form)) frames.set(key, frames24({ module, version, ...form }, clusterId, sender, FIELDS));
  }
  // Without a form the version of the machine lacks a name, or the machine has changed its version since the call.
  return (machineId, peer) => frames.get(keyOf(peer))?.(machineId, peer) ?? 'layout';
}
