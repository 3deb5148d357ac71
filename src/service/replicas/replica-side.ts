import type { Engine } from '../../domain/engine.js';
import { ServiceError } from '../../ground/errors.js';
import type { SendResult } from '../../schemas/packet.js';
import type { ModuleCalls } from '../calls/module-calls.js';
import type { Registrations } from '../delivery/registrations.js';
import type { EngineLoop } from '../engine-loop.js';
import type { FleetEvents } from '../events/fleet-events.js';
import type { HistoryLog } from '../events/history-log.js';
import type { SyncDelivery } from '../fleet/sync-delivery.js';
import type { Sender } from '../ports/sender.js';
import { encodeSnapshot, restoreSnapshot } from '../state/snapshot.js';
import type { Addresses } from '../table/addresses.js';
import type { Drains } from '../table/drains.js';
import type { FleetRecords } from '../table/fleet-records.js';
import type { Persistence } from '../table/persistence.js';
import type { TableLoader } from '../table/table-loader.js';
import type { Webhooks } from '../webhooks/webhooks.js';
import { type LeaderCall, type LeaderParts, runCall } from './leader-calls.js';
import type { Replica } from './port.js';

interface Parts {
  readonly engine: Engine;
  readonly loop: EngineLoop;
  readonly registrations: Registrations;
  readonly syncs: SyncDelivery;
  readonly fleetEvents: FleetEvents;
  readonly history: HistoryLog;
  readonly persistence: Persistence;
  readonly drains: Drains;
  readonly fleetRecords: FleetRecords;
  readonly addresses: Addresses;
  readonly loader: TableLoader;
  readonly sender: Sender;
  readonly webhooks: Webhooks | null;
  readonly beginFleets: () => Promise<void>;
  /** What runs the calls of other replicas. */
  readonly calls: LeaderParts;
}

/** The service as one of several replicas: its state as bytes, and what it does when it becomes the leader, or no longer is. */
export class ReplicaSide {
  constructor(private readonly parts: Parts) {}

  /** The state that replicas share, as bytes. */
  snapshot(): Buffer {
    return encodeSnapshot(this.parts);
  }

  /** Takes the state of another replica, before the first entry. @throws RangeError for a snapshot of another release */
  restore(snapshot: Buffer): void {
    const { engine, fleetEvents, loop } = this.parts;
    restoreSnapshot(snapshot, this.parts);
    fleetEvents.restored(engine.table);
    loop.restored();
  }

  /** Runs a call that another replica has sent to this one, the leader. */
  runCall(call: Buffer): Promise<Buffer> {
    return runCall(call, this.parts.calls);
  }

  /** Releases the registrations whose sockets were those of replicas that do not run any more. */
  releaseUnless(isAlive: (replica: string) => boolean): void {
    this.parts.registrations.releaseUnless(isAlive);
  }

  /** This replica leads from now on: it goes on with what the leader before it has not finished. */
  async lead(): Promise<void> {
    const { engine, loop, registrations, persistence, fleetRecords, webhooks, history, addresses, drains } = this.parts;
    loop.lead();
    registrations.lead();
    persistence.rowChanged();
    fleetRecords.lead();
    void webhooks?.lead();
    history.lead();
    const hasStarted = engine.isLoaded && !engine.isLoading && engine.hasBegunFleets;
    if (hasStarted) await Promise.all([addresses.follow(), drains.lead()]);
    else await this.parts.loader.reload();
    if (!engine.hasBegunFleets) await this.parts.beginFleets();
  }

  /** Another replica may lead: nothing that waits for a machine is sent any more. */
  follow(): void {
    const { webhooks, engine, sender } = this.parts;
    webhooks?.follow();
    for (const { machines } of engine.table.clusters) {
      for (const { machine } of machines) sender.disconnect(machine.clusterId, machine.machineId);
    }
  }
}

/** Takes a call to the leader. If the leader goes during a send, nobody knows which machines got the packet, and the results say so. */
export async function toLeader(replica: Replica, call: LeaderCall, modules: ModuleCalls): Promise<unknown> {
  try {
    return await replica.toLeader(call);
  } catch (error) {
    const isSend = call.method === 'sendTo' || call.method === 'sendPacket';
    if (isSend && error instanceof ServiceError && error.code === 'leader_changed')
      return unknownResults(call, modules);
    throw error;
  }
}

function unknownResults({ args }: LeaderCall, modules: ModuleCalls): SendResult[] {
  const [clusterId, packet] = args as [number, { protocol?: string; machine_id?: number; machineId?: number }];
  const only = packet.machine_id ?? packet.machineId ?? null;
  const tried = modules
    .upMachines(clusterId, packet.protocol)
    .filter(({ machine_id }) => machine_id === (only ?? machine_id));
  return tried.map(({ machine_id }) => ({ machine_id, sent: false, error: 'leader_changed' }));
}
