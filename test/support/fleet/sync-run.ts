import type { FleetEffect } from '../../../src/domain/fleet/effects.js';
import type { Fleet } from '../../../src/domain/fleet/fleet.js';
import type { Now } from '../../../src/ground/now.js';
import type { ClusterMessage } from '../../../src/wire/cluster/messages.js';
import { joined } from '../../../src/wire/frame-run.js';
import { runOfBytes } from '../peers/runs.js';
import { FleetNetwork, fleetOptions, frameOf, fromMachine, member } from './network.js';

/** What can happen during a sync. */
export type SyncInput =
  | { readonly type: 'data'; readonly donor: number; readonly chunks: readonly number[] }
  | { readonly type: 'end'; readonly donor: number; readonly count: number | null }
  | { readonly type: 'live' }
  | { readonly type: 'pass'; readonly ms: number }
  /** Its row is gone. */
  | { readonly type: 'lost'; readonly donor: number };

const CAPABILITY = 'usrloc-contact-repl';
const DONORS = [2, 3, 4];

/** Runs a sync of machine 1 until it has ended. Returns its effects, and the numbers of the live packets in the order in which modules got them. */
export function playSync(inputs: readonly SyncInput[]): { effects: FleetEffect[]; live: number[] } {
  const network = new FleetNetwork();
  network.add(fleetOptions(1, { syncHeldBytes: 40 }));
  const effects: FleetEffect[] = [];
  const live: number[] = [];
  let now: Now = { monotonicMs: 0, unixMs: 0 };
  let sent = 0;
  const act = (act: (fleet: Fleet, now: Now, out: FleetEffect[]) => void) => {
    const out = network.act(1, now, act);
    effects.push(...out);
    for (const effect of out) {
      if (effect.type === 'sync_released') live.push(...effect.runs.map(({ run }) => joined(run).readInt32LE()));
    }
  };
  const receive = (message: ClusterMessage) => {
    act((fleet, at, out) => fleet.received(message, 'E', fromMachine(message.origin), frameOf(message), at, out));
  };
  for (const donor of DONORS) {
    const head = { clusterId: 1, origin: donor };
    const sequence = { seq: 1, timestamp: 1 };
    const nodes = [{ machineId: donor, capabilities: [{ name: CAPABILITY, isSynced: true }] }];
    act((fleet, at, out) => fleet.put(member(donor), at, out));
    receive({ type: 'pong', ...head, machineIds: [] });
    receive({ type: 'capabilities', ...head, sequence, nodes, wantsReply: false, path: [donor] });
  }
  act((fleet, at, out) => fleet.requestSync(CAPABILITY, 1, at, out));
  for (const input of [...inputs, { type: 'pass', ms: 60_000 } as const, { type: 'pass', ms: 60_000 } as const]) {
    switch (input.type) {
      case 'data': {
        const route = { clusterId: 1, origin: input.donor, destination: 1 };
        const chunks = input.chunks.map((it) => Buffer.from([it]));
        receive({ type: 'sync', ...route, capability: CAPABILITY, dataVersion: 3, chunks });
        break;
      }
      case 'end': {
        const route = { clusterId: 1, origin: input.donor, destination: 1 };
        receive({ type: 'sync_end', ...route, capability: CAPABILITY, chunks: input.count });
        break;
      }
      case 'live': {
        const frame = Buffer.alloc(4);
        const number = sent++;
        frame.writeInt32LE(number);
        act((fleet, at, out) => {
          const run = runOfBytes(frame);
          const packets = { ...run, head: { ...run.head, module: CAPABILITY } };
          if (fleet.holdPackets(packets, [1], at, out).length === 0) live.push(number);
          // The next read overwrites the frame.
          frame.fill(0xff);
        });
        break;
      }
      case 'pass':
        now = { monotonicMs: now.monotonicMs + input.ms, unixMs: now.unixMs + input.ms };
        act((fleet, at, out) => fleet.advance(at, out));
        break;
      case 'lost':
        act((fleet, at, out) => fleet.remove(input.donor, at, out));
        break;
    }
  }
  return { effects, live };
}
