import type { PacketCounts } from '../../schemas/packet-counts.js';
import { capabilityOf } from '../../wire/cluster/capability-of.js';
import type { Dialect, PacketHead } from '../../wire/dialects/dialect.js';
import { layoutsOf } from '../../wire/modules/layouts.js';
import type { RegistrationLog } from '../delivery/registration-log.js';

/** A request reads the heads of so many packets. More would stop the event loop for longer than a millisecond or two. */
const NEWEST = 1_000;

type Count = PacketCounts['names'][number];

/** Counts the newest packets that are kept for a registration, by name. Reads no payload: names contain no personal data. */
export function packetCounts(log: RegistrationLog): PacketCounts {
  const after = Math.max(0, log.seq - NEWEST);
  const counts = new Map<string, Count>();
  let packets = 0;
  for (const entry of log.after(after)) {
    if (entry.type === 'notice') continue;
    for (const { head } of entry.packetsFrom(Math.max(entry.seq, after + 1))) {
      const key = `${entry.dialect.id} ${head.version} ${head.packetType}`;
      const count = counts.get(key) ?? newCount(log.registration.module, entry.dialect, head);
      count.packets++;
      counts.set(key, count);
      packets++;
    }
  }
  return { packets, names: merged(counts.values()).sort((a, b) => b.packets - a.packets) };
}

function newCount(registered: string, { id }: Dialect, { version, packetType }: PacketHead): Count {
  const module = id === '2.4' ? capabilityOf(registered) : registered;
  const [layout] = layoutsOf({ dialect: id, module, version, packetType });
  return { name: layout?.name ?? null, packet_type: packetType, packets: 0 };
}

/** Versions and dialects of a packet have the same name. */
function merged(counts: Iterable<Count>): Count[] {
  const names = new Map<string, Count>();
  for (const { name, packet_type, packets } of counts) {
    const key = `${packet_type} ${name}`;
    names.set(key, { name, packet_type, packets: packets + (names.get(key)?.packets ?? 0) });
  }
  return [...names.values()];
}
