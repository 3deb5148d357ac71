import { createHash } from 'node:crypto';
import type { Engine } from '../../domain/engine.js';
import { V22 } from '../../wire/dialects/v22.js';
import { v24 } from '../../wire/dialects/v24.js';
import type { Registrations } from '../delivery/registrations.js';
import type { RegistrationsState } from '../delivery/registrations-state.js';
import type { Delivered, SyncDelivery } from '../fleet/sync-delivery.js';
import { ENGINE_CLASSES } from './engine-classes.js';
import { packReceptions, unpackReceptions } from './reception-columns.js';
import { StateDecoder } from './state-decoder.js';
import { StateEncoder } from './state-encoder.js';

/** What all replicas have alike after the same entries. */
export interface Replicated {
  readonly engine: Engine;
  readonly registrations: Registrations;
  readonly syncs: SyncDelivery;
}

interface State {
  readonly engine: Engine;
  /** By registration. */
  readonly receptions: ReadonlyMap<number, Uint8Array>;
  readonly registrations: RegistrationsState;
  readonly syncs: ReadonlyMap<number, Delivered>;
}

/**
 * Identifies the fields of all classes and records of a state: a release that has others cannot read it. A test computes it, and fails until it is
 * changed here too.
 */
export const SHAPE = '2fc82c68a424';

/** Instances between two checks whether to go on. */
const INSTANCES_AT_ONCE = 500;

/** The whole state as bytes. */
export function encodeSnapshot(replicated: Replicated): Buffer {
  const encoder = stateEncoder(replicated);
  while (encoder.step(INSTANCES_AT_ONCE));
  return encoder.bytes;
}

/**
 * Takes the state of a snapshot. `replicated` must be new: no entry was applied to it. Its engine must have the settings of the engine of the snapshot.
 * @throws RangeError for a snapshot of another release, or bytes that are none
 */
export function restoreSnapshot(bytes: Buffer, { engine, registrations, syncs }: Replicated): void {
  const decoder = new StateDecoder(bytes, ENGINE_CLASSES, sharedWith(engine));
  if (decoder.shape !== SHAPE) {
    throw new RangeError(`The snapshot has the shape ${decoder.shape}; this release reads ${SHAPE}.`);
  }
  const state = decoder.decode({ engine }) as State;
  unpackReceptions(engine, state.receptions);
  registrations.restore(state.registrations);
  syncs.restore(state.syncs);
}

/** Is the same for the snapshots of all replicas that have applied the same entries. */
export function digestOf(snapshot: Buffer): string {
  return createHash('sha256').update(snapshot).digest('base64url').slice(0, 16);
}

/** An encoder of the whole state: `step` writes it. */
export function stateEncoder({ engine, registrations, syncs }: Replicated): StateEncoder {
  const encoder = new StateEncoder(SHAPE, ENGINE_CLASSES, sharedWith(engine));
  const state: State = {
    engine,
    receptions: packReceptions(engine),
    registrations: registrations.state(),
    syncs: syncs.state,
  };
  encoder.begin(state);
  return encoder;
}

/** What is not state: the configuration, and the dialects of packets that wait for the end of a sync. */
function sharedWith({ fleets }: Engine): readonly object[] {
  return [fleets.settings, V22, v24];
}
