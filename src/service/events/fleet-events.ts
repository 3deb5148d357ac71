import type { Effect } from '../../domain/effects.js';
import type { FaultReason } from '../../domain/fleet/effects.js';
import type { TagReason } from '../../domain/fleet/tag.js';
import type { ClusterTable } from '../../domain/table.js';
import type { CapabilityState, LinkState } from '../../schemas/fleet.js';
import type { TagView } from '../../schemas/tags.js';
import { machineKey } from '../machine-key.js';
import { capabilityState } from '../views/fleet-view.js';
import { tagView } from '../views/tag-view.js';

type Is<Kind, Fields> = { readonly kind: Kind } & Readonly<Fields>;
type OfMachine<Fields> = Fields & { cluster_id: number; machine_id: number };

/** A machine that does not answer is asked again and again, so its link changes all the time between probing and down. */
interface LinkChange {
  from: LinkState;
  to: LinkState;
  /** The up or down before, if this change ends in the other one; else null. */
  settledFrom: 'up' | 'down' | null;
}

/** `machine_id`: the machine that the reason is about; `from`: the owner before. */
interface OfTag extends TagView {
  cluster_id: number;
  machine_id: number | null;
  from: number | null;
  reason: TagReason;
  by: string | null;
}

/** What happens in a cluster of dialect 2.4, in the names of the REST API. */
export type FleetEvent =
  | Is<'link', OfMachine<LinkChange>>
  /** `isFirst`: nothing was known of the machine before. */
  | Is<'capability', OfMachine<{ name: string; from: CapabilityState | null; to: CapabilityState; isFirst: boolean }>>
  | Is<'topology', OfMachine<{ neighbours: readonly number[] }>>
  | Is<'message', OfMachine<{ reply: boolean; tag: string; message: string }>>
  /** `machine_id`: the origin of what was dropped. */
  | Is<'fleet_fault', OfMachine<{ reason: FaultReason }>>
  | Is<'tag', OfTag>
  | Is<'own_node_removed', { cluster_id: number }>;

/** The effects that are events of a fleet. */
export type FleetEventEffect = Extract<
  Effect,
  { type: 'link' | 'capability' | 'topology' | 'message' | 'tag' | 'fault' | 'own_node_removed' }
>;

/** Makes events of the effects of fleets. */
export class FleetEvents {
  /** The machines whose link is up, or is probed and was up before. */
  private readonly up = new Set<string>();

  /** Returns the event that an effect is, `asker` being the name of the token of its command; null for a message that no person wrote. */
  of(effect: FleetEventEffect, asker: string | null = null): FleetEvent | null {
    const cluster_id = effect.clusterId;
    switch (effect.type) {
      case 'link': {
        const { from, to, machineId: machine_id } = effect;
        return { kind: 'link', cluster_id, machine_id, from, to, settledFrom: this.settle(effect) };
      }
      case 'capability': {
        const { machineId: machine_id, name, isFirst } = effect;
        const from = effect.from === null ? null : capabilityState(effect.from);
        return { kind: 'capability', cluster_id, machine_id, name, from, to: capabilityState(effect.to), isFirst };
      }
      case 'topology':
        return { kind: 'topology', cluster_id, machine_id: effect.machineId, neighbours: effect.neighbours };
      case 'message': {
        if (effect.message.type !== 'generic') return null;
        const { origin: machine_id, isRequest, tag, message } = effect.message;
        return { kind: 'message', cluster_id, machine_id, reply: !isRequest, tag, message };
      }
      case 'tag': {
        const { about: machine_id, from, reason, known } = effect;
        const by = reason === 'operator' ? asker : null;
        return { kind: 'tag', cluster_id, machine_id, from, reason, by, ...tagView(known) };
      }
      case 'fault':
        return { kind: 'fleet_fault', cluster_id, machine_id: effect.origin, reason: effect.reason };
      case 'own_node_removed':
        return { kind: 'own_node_removed', cluster_id };
    }
  }

  /** The table got its state from a snapshot. */
  restored({ clusters }: ClusterTable): void {
    for (const { clusterId, fleet } of clusters) {
      for (const { machineId } of fleet?.peers.members ?? []) {
        if (fleet?.peers.of(machineId)?.link.state === 'up') this.up.add(machineKey({ clusterId, machineId }));
      }
    }
  }

  private settle(effect: Extract<FleetEventEffect, { type: 'link' }>): 'up' | 'down' | null {
    const key = machineKey(effect);
    if (effect.to === 'up') {
      const isNew = !this.up.has(key);
      this.up.add(key);
      return isNew ? 'down' : null;
    }
    return effect.to === 'down' && this.up.delete(key) ? 'up' : null;
  }
}
