import type { Effect } from '../domain/effects.js';
import type { Now } from '../ground/now.js';
import type { Log } from '../ground/ports.js';
import type { Registrations } from './delivery/registrations.js';
import type { Origin } from './engine-loop.js';
import { eventOf } from './events/event.js';
import type { FleetEvents } from './events/fleet-events.js';
import type { FleetFaultLog } from './events/fleet-fault-log.js';
import type { Journal } from './events/journal.js';
import type { Statistics } from './events/statistics.js';
import type { UnknownSourceLog } from './events/unknown-source-log.js';
import type { SyncDelivery } from './fleet/sync-delivery.js';
import type { Transmitter } from './fleet/transmitter.js';
import type { Leadership } from './leadership.js';
import type { Sender } from './ports/sender.js';
import type { Addresses } from './table/addresses.js';
import type { Drains } from './table/drains.js';
import type { FleetRecords } from './table/fleet-records.js';
import type { Persistence } from './table/persistence.js';

const JOIN_UNANSWERED =
  'nobody answers at this url of CLUSTERER_JOIN; check that it is the url of another machine of this cluster, that it runs with db_mode 0 (2.4 to 3.1: any), and that it can be reached from CLUSTERER_BIN_HOST';

/** Who does what the engine wants done. */
export interface Performers {
  readonly leadership: Leadership;
  readonly registrations: Registrations;
  readonly statistics: Statistics;
  readonly syncs: SyncDelivery;
  readonly transmitter: Transmitter;
  readonly persistence: Persistence;
  readonly drains: Drains;
  readonly fleetRecords: FleetRecords;
  readonly fleetEvents: FleetEvents;
  readonly fleetFaults: FleetFaultLog;
  readonly unknownSources: UnknownSourceLog;
  readonly addresses: Addresses;
  readonly journal: Journal;
  readonly sender: Sender;
  readonly log: Log;
  readonly tagsChanged: () => void;
}

/** Gives each effect of the engine to the part that performs it. */
export class EffectPerformer {
  constructor(private readonly parts: Performers) {}

  perform(effect: Effect, origin: Origin, now: Now): void {
    switch (effect.type) {
      case 'notify':
        this.parts.registrations.append(effect.registration.number, effect.notification, now.monotonicMs);
        break;
      case 'sync_started':
      case 'sync_packet':
      case 'sync_ended':
      case 'sync_released':
        this.parts.statistics.fleets.perform(effect, now.monotonicMs);
        this.parts.syncs.perform(effect, now);
        break;
      case 'ping_answered':
        this.parts.statistics.fleets.perform(effect, now.monotonicMs);
        break;
      case 'transmit':
      case 'relay':
      case 'forward':
        this.parts.statistics.fleets.perform(effect, now.monotonicMs);
        if (this.isPerformedHere(effect, origin)) this.parts.transmitter.perform(effect);
        break;
      case 'sequence_reserved':
        this.parts.fleetRecords.sequenceReserved(effect.clusterId, effect.kind, effect.seq);
        break;
      case 'family':
        this.parts.fleetRecords.familyLearned(effect);
        break;
      case 'tag_wish':
        this.parts.fleetRecords.tagChanged(effect);
        break;
      case 'row_changed':
        this.parts.persistence.rowChanged();
        break;
      case 'disconnect':
        this.parts.sender.disconnect(effect.clusterId, effect.machineId);
        break;
      case 'unclaimed':
        this.parts.statistics.packetsReceived.unclaimed += effect.run.count;
        break;
      case 'unknown_source':
        this.parts.unknownSources.write(effect);
        break;
      case 'drain_changed':
        this.parts.drains.follow(effect);
        // A row brings what was reported when it was set.
        if (effect.cause !== 'reload' && effect.cause !== 'provisioning')
          this.parts.journal.report(eventOf(effect, origin));
        break;
      case 'link':
      case 'topology':
      case 'capability':
      case 'message':
      case 'tag':
      case 'fault':
      case 'own_node_removed': {
        if (effect.type === 'fault') this.parts.fleetFaults.write(effect);
        const event = this.parts.fleetEvents.of(effect, origin.by);
        if (event !== null) this.parts.journal.report(event);
        if (effect.type === 'tag') this.parts.tagsChanged();
        break;
      }
      case 'join_unanswered':
        this.parts.log.warn({ cluster_id: effect.clusterId, url: effect.url }, JOIN_UNANSWERED);
        break;
      case 'attempt_failed':
      case 'next_hop':
        break;
      case 'machine_added':
        if (this.parts.leadership.isLeading) this.parts.addresses.added(effect.machine);
        this.parts.journal.report(eventOf(effect, origin));
        break;
      default:
        this.parts.journal.report(eventOf(effect, origin));
    }
  }

  /** Only the leader sends; a reply goes back on the connection of the replica that has it. */
  private isPerformedHere(effect: Effect & { type: 'transmit' | 'relay' | 'forward' }, { replica }: Origin): boolean {
    const isReply = effect.type === 'transmit' && 'connection' in effect.to;
    return isReply ? replica === this.parts.leadership.replica : this.parts.leadership.isLeading;
  }
}
