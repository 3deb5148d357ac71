import type { Command, LoadedMachine } from '../../../src/domain/commands.js';
import type { Effect } from '../../../src/domain/effects.js';
import { Engine } from '../../../src/domain/engine.js';
import { type FleetSettings, NO_FLEETS } from '../../../src/domain/fleets.js';
import type { Remembered } from '../../../src/domain/memory.js';
import type { Now } from '../../../src/ground/now.js';
import type { ClusterMessage } from '../../../src/wire/cluster/messages.js';
import { frameOf } from '../fleet/network.js';
import { loadedMachine } from '../tables/rows.js';
import { effectText } from './effect-text.js';
import { machineStateText } from './engine-text.js';

/** The machine id of this service. */
export const OWN_ID = 9;

/** A row of a cluster of dialect 2.4, by default of machine 2 of cluster 1. */
export function fleetMachine(given: Partial<LoadedMachine> = {}): LoadedMachine {
  const fleet = { priority: 50, sipAddress: null };
  return loadedMachine({ fleet, keepsAttempts: false, durationMs: 60_000, ...given });
}

/** Machine 2 of cluster 1 says something on a connection that this service has accepted. */
type Said<T extends ClusterMessage = ClusterMessage> = T extends ClusterMessage
  ? Omit<T, 'clusterId' | 'origin'> & { readonly clusterId?: number; readonly origin?: number }
  : never;

/** An engine that is member 9 of cluster 1, on a clock that stands still until `pass`. */
export class FleetEngine {
  readonly engine: Engine;
  private monotonicMs = 0;

  constructor(settings: Partial<FleetSettings> = {}) {
    this.engine = new Engine(OWN_ID, { ...NO_FLEETS, dialectOf: () => '2.4', ...settings });
  }

  get now(): Now {
    return { monotonicMs: this.monotonicMs, unixMs: 1_000_000_000 + this.monotonicMs };
  }

  /** Loads these rows and the own row, and becomes a member. */
  begin(rows: readonly LoadedMachine[] = [fleetMachine()], remembered = new Map<number, Remembered>()): string[] {
    this.load([fleetMachine({ machineId: OWN_ID }), ...rows]);
    return this.apply({ type: 'begin_fleets', remembered });
  }

  load(machines: readonly LoadedMachine[], keepChanged = false): string[] {
    return this.apply({ type: 'load', machines, keepChanged });
  }

  /** Applies a command. Returns its effects, each on one line. */
  apply(command: Command): string[] {
    const out: Effect[] = [];
    this.engine.apply(command, this.now, out);
    return out.map(effectText);
  }

  hear(said: Said): string[] {
    const message = { clusterId: 1, origin: 2, ...said } as ClusterMessage;
    const from = { ip: `10.0.${message.clusterId}.${message.origin}`, connection: message.origin, url: null };
    return this.apply({ type: 'hear', message, family: null, from, frame: frameOf(message) });
  }

  /** Lets time pass, to the next deadline and the next, so that all fire in time. */
  pass(ms: number): string[] {
    const end = this.monotonicMs + ms;
    const out: Effect[] = [];
    for (let due = this.engine.nextDeadline; due <= end; due = this.engine.nextDeadline) {
      this.monotonicMs = Math.max(due, this.monotonicMs);
      this.engine.advance(this.now, out);
    }
    this.monotonicMs = end;
    return out.map(effectText);
  }

  /** Its machine, and whether its row must be written. */
  state(machineId = 2, clusterId = 1): string {
    const cell = this.engine.table.cell(clusterId, machineId);
    return cell === undefined ? 'gone' : machineStateText(cell, this.engine.sendSide.unsaved.has(cell));
  }
}
