import type { Effect } from '../../../src/domain/effects.js';
import { Engine } from '../../../src/domain/engine.js';
import { type FleetSettings, NO_FLEETS } from '../../../src/domain/fleets.js';
import type { Now } from '../../../src/ground/now.js';
import { Registrations } from '../../../src/service/delivery/registrations.js';
import { EngineLoop } from '../../../src/service/engine-loop.js';
import { SyncDelivery } from '../../../src/service/fleet/sync-delivery.js';
import { ALONE } from '../../../src/service/leadership.js';
import { digestOf, encodeSnapshot, restoreSnapshot, stateEncoder } from '../../../src/service/state/snapshot.js';
import { effectText } from '../engine/effect-text.js';
import { ReplayedLog } from '../log/replayed-log.js';

const QUIET = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
/** No timer of a replica fires: what falls due is an entry. */
const CLOCK = { now: () => ({ monotonicMs: 0, unixMs: 0 }), after: () => () => {} };
const LIMITS = { replayBytes: 1e6, replaySeconds: 300, replayTotalBytes: 1e7 };

/** What replicas share of a service, without its adapters. */
export class Replica {
  readonly engine: Engine;
  readonly registrations: Registrations;
  private readonly syncs: SyncDelivery;
  private readonly log = new ReplayedLog('epoch');
  private readonly told: string[] = [];

  constructor(serverId: number, settings: Partial<FleetSettings> = {}) {
    this.engine = new Engine(serverId, { ...NO_FLEETS, ...settings });
    const perform = (effect: Effect, _: unknown, now: Now) => this.perform(effect, now);
    const loop = new EngineLoop(this.engine, CLOCK, perform, this.log);
    const ended = ({ registration }: { registration: { number: number } }, cause: string | null) => {
      if (cause !== null) this.syncs.forget(registration.number);
    };
    this.registrations = new Registrations(
      loop,
      { clock: CLOCK, log: QUIET, leadership: ALONE },
      LIMITS,
      ended,
      () => {},
    );
    this.syncs = new SyncDelivery(this.engine.table, serverId, (number, notification, nowMs) => {
      this.told.push(`#${number} ${JSON.stringify(notification, inOrder)}`);
      this.registrations.append(number, notification, nowMs);
    });
  }

  /** Starts from a snapshot. */
  restored(snapshot: Buffer): this {
    restoreSnapshot(snapshot, this.parts);
    return this;
  }

  snapshot(): Buffer {
    return Buffer.from(encodeSnapshot(this.parts));
  }

  get digest(): string {
    return digestOf(encodeSnapshot(this.parts));
  }

  /** The classes and records that its state has now. */
  get shape(): string[] {
    const encoder = stateEncoder(this.parts);
    while (encoder.step(1_000));
    return encoder.shape;
  }

  private get parts() {
    const { engine, registrations, syncs } = this;
    return { engine, registrations, syncs };
  }

  /** Applies an entry. Returns its effects, and what each registration has got by then. */
  take(entry: Buffer): string[] {
    this.log.replay([entry]);
    const seqs = [...this.registrations.all].map(({ id, seq, holder }) => `${id} ${holder} ${seq}`);
    return [...this.told.splice(0), ...seqs];
  }

  /** Reads as callers do. A read must not change the state. */
  read(): void {
    for (const { machines, fleet } of this.engine.table.clusters) {
      for (const { peer } of machines) peer?.versions.toSend('usrloc', null);
      for (const { machineId } of fleet?.peers.members ?? []) fleet?.peers.of(machineId);
    }
  }

  private perform(effect: Effect, now: Now): void {
    this.told.push(bytesOf(effect) ?? effectText(effect));
    switch (effect.type) {
      case 'notify':
        this.registrations.append(effect.registration.number, effect.notification, now.monotonicMs);
        break;
      case 'sync_started':
      case 'sync_packet':
      case 'sync_ended':
      case 'sync_released':
        this.syncs.perform(effect, now);
        break;
    }
  }
}

/** A snapshot has no order of fields. */
function inOrder(_key: string, value: unknown): unknown {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isRecord ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))) : value;
}

/** What goes to other machines as it came, as bytes; null for another effect. */
function bytesOf(effect: Effect): string | null {
  if (effect.type === 'relay') return `relay ${effect.to} ${effect.frame.toString('hex')}`;
  return effect.type === 'forward' ? `forward ${effect.to} ${Buffer.concat(effect.frames).toString('hex')}` : null;
}
