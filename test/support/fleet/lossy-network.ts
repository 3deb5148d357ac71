import type { FleetEffect } from '../../../src/domain/fleet/effects.js';
import type { Fleet } from '../../../src/domain/fleet/fleet.js';
import type { FloodKind } from '../../../src/domain/fleet/sequences.js';
import type { Family } from '../../../src/wire/cluster/family.js';
import { type Envelope, FleetNetwork, fleetOptions, member } from './network.js';

/** Unix milliseconds at time 0. */
const CLOCK_STARTS_AT = 1_000_000_000;

/** Parts of all messages; packets of modules are neither lost nor doubled, as on one TCP connection. */
export interface Faults {
  readonly loss: number;
  readonly duplication: number;
  /** Milliseconds; messages overtake each other within it. */
  readonly longestDelay: number;
}

interface Flight {
  readonly envelope: Envelope;
  readonly at: number;
}

/** What happened, for a test to judge. */
export interface Observer {
  effects(machineId: number, effects: readonly FleetEffect[]): void;
  delivered(envelope: Envelope, effects: readonly FleetEffect[], isForModules: boolean): void;
  started(machineId: number): void;
}

/** Several fleets in simulated time, with a network that loses, doubles and reorders, can be cut, and machines that restart. */
export class LossyNetwork {
  readonly network = new FleetNetwork();
  nowMs = 0;
  private flights: Flight[] = [];
  private broken = new Set<string>();
  private readonly memories = new Map<number, Map<FloodKind, number>>();

  constructor(
    private readonly size: number,
    /** From 0 to 1. */
    private readonly chance: () => number,
    private faults: Faults,
    private readonly observer: Observer,
  ) {
    for (let id = 1; id <= size; id++) this.start(id);
  }

  get fleets(): ReadonlyMap<number, Fleet> {
    return this.network.fleets;
  }

  /** Begins a life of a machine that knows the rows of all others. */
  start(id: number): void {
    const sequences = this.memories.get(id) ?? new Map<FloodKind, number>();
    this.memories.set(id, sequences);
    const others = this.ids().filter((other) => other !== id);
    const families = new Map(others.map((other): [number, Family] => [other, 'E']));
    this.network.add(fleetOptions(id, { remembered: { sequences: new Map(sequences), families, wishes: new Map() } }));
    this.observer.started(id);
    for (const other of others) {
      this.act(id, (fleet, now, out) => fleet.put(member(other, { priority: 50 - (other % 2) }), now, out));
    }
  }

  /** Ends a life: what it has not received yet is lost. */
  crash(id: number, keepsMemory: boolean): void {
    this.network.fleets.delete(id);
    this.flights = this.flights.filter(({ envelope }) => envelope.to !== id);
    if (!keepsMemory) this.memories.delete(id);
  }

  /** Nothing passes between the two of each pair, in either direction. */
  cut(pairs: readonly (readonly [number, number])[]): void {
    this.broken = new Set(pairs.flatMap(([one, other]) => [`${one}-${other}`, `${other}-${one}`]));
  }

  heal(): void {
    this.cut([]);
    this.faults = { loss: 0, duplication: 0, longestDelay: 5 };
  }

  act(id: number, act: Parameters<FleetNetwork['act']>[2]): void {
    const effects = this.network.act(id, this.now, act);
    this.observe(id, effects);
  }

  /** Lets time pass. Returns the number of messages that arrived. */
  run(ms: number): number {
    const end = this.nowMs + ms;
    let arrived = 0;
    for (;;) {
      const flight = this.nextFlight();
      const due = Math.min(...[...this.fleets.values()].map((fleet) => fleet.nextDeadline), Number.POSITIVE_INFINITY);
      const next = Math.min(flight?.at ?? Number.POSITIVE_INFINITY, due);
      if (next > end) break;
      this.nowMs = Math.max(this.nowMs, next);
      if (flight !== undefined && flight.at <= due) {
        this.flights.splice(this.flights.indexOf(flight), 1);
        this.arrive(flight.envelope);
        arrived++;
      } else {
        for (const [id, fleet] of this.fleets) {
          if (fleet.nextDeadline <= this.nowMs) this.act(id, (it, now, out) => it.advance(now, out));
        }
      }
    }
    this.nowMs = end;
    return arrived;
  }

  private get now() {
    return { monotonicMs: this.nowMs, unixMs: CLOCK_STARTS_AT + this.nowMs };
  }

  private ids(): number[] {
    return Array.from({ length: this.size }, (_, index) => index + 1);
  }

  private nextFlight(): Flight | undefined {
    return this.flights.reduce<Flight | undefined>((first, it) => (first && first.at <= it.at ? first : it), undefined);
  }

  private arrive(envelope: Envelope): void {
    if (!this.fleets.has(envelope.to)) return;
    const { effects, isForModules } = this.network.deliver(envelope, this.now);
    this.observer.delivered(envelope, effects, isForModules);
    this.observe(envelope.to, effects);
  }

  private observe(id: number, effects: readonly FleetEffect[]): void {
    for (const effect of effects) {
      if (effect.type === 'sequence_reserved') this.memories.get(id)?.set(effect.kind, effect.seq);
    }
    this.observer.effects(id, effects);
    this.flush();
  }

  /** Sends what waits in `network`. */
  flush(): void {
    for (const envelope of this.network.underWay.splice(0)) this.fly(envelope);
  }

  private fly(envelope: Envelope): void {
    if (this.broken.has(`${envelope.from}-${envelope.to}`)) return;
    const isPacket = envelope.content.type === 'packet';
    if (!isPacket && this.chance() < this.faults.loss) return;
    const copies = !isPacket && this.chance() < this.faults.duplication ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      this.flights.push({ envelope, at: this.nowMs + Math.floor(this.chance() * this.faults.longestDelay) });
    }
  }
}
