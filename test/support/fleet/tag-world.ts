import type { FleetEffect } from '../../../src/domain/fleet/effects.js';
import type { TagWish } from '../../../src/domain/fleet/tag.js';
import type { Family } from '../../../src/wire/cluster/family.js';
import type { ExtraMessage } from '../../../src/wire/cluster/messages.js';
import { type Envelope, FleetNetwork, fleetOptions, member } from './network.js';

/** The machine id of the service. */
export const SERVICE = 9;
export const TAG = 'vip';

const CLOCK_STARTS_AT = 1_000_000_000;
/** Milliseconds that a message is under way. */
const DELAY = 5;

/**
 * Five machines with a tag, and the service that manages it, in simulated time. The machines are fleets like the service's own, which manage
 * nothing; their tags follow the rules of daemons: the command makes a machine active, and only the announcement of another makes it backup.
 */
export class TagWorld {
  readonly machines = [1, 2, 3, 4, 5];
  readonly active = new Set<number>();
  /** Called when a command makes a machine active, before it is. */
  activating: (machineId: number) => void = () => {};
  nowMs = 0;
  /** Nothing happens before this time. */
  private quietUntil = 0;
  private readonly network = new FleetNetwork();
  private flights: { readonly at: number; readonly envelope: Envelope }[] = [];
  /** In order of sending. */
  private held: Envelope[] = [];
  private group = new Map<number, number>();
  private wishes = new Map<string, TagWish>();
  /** The machines that each machine has told that it is active, until it is backup. */
  private readonly told = new Map<number, Set<number>>();

  constructor() {
    for (const id of [...this.machines, SERVICE]) this.start(id);
  }

  get isManaged(): boolean {
    return this.wishes.has(TAG);
  }

  get owner(): number | null {
    return this.wishes.get(TAG)?.owner ?? null;
  }

  runs(id: number): boolean {
    return this.network.fleets.has(id);
  }

  /** Whether the link of one machine to another is up, as it sees it. */
  sees(from: number, to: number): boolean {
    return this.network.fleets.get(from)?.peers.of(to)?.isUp === true;
  }

  get isWhole(): boolean {
    const ids = [...this.machines, SERVICE];
    return ids.every((from) => ids.every((to) => from === to || this.sees(from, to)));
  }

  start(id: number): void {
    const others = [...this.machines, SERVICE].filter((other) => other !== id);
    const families = new Map(others.map((other): [number, Family] => [other, 'E']));
    const wishes = id === SERVICE ? new Map(this.wishes) : new Map<string, TagWish>();
    this.network.add(fleetOptions(id, { remembered: { sequences: new Map(), families, wishes } }));
    this.told.set(id, new Set());
    for (const other of others) this.act(id, (fleet, now, out) => fleet.put(member(other), now, out));
  }

  /** Ends a machine. It comes back as backup. */
  crash(id: number): void {
    this.network.fleets.delete(id);
    this.active.delete(id);
    this.flights = this.flights.filter(({ envelope }) => envelope.to !== id);
    this.held = this.held.filter(({ from, to }) => from !== id && to !== id);
  }

  /** Only machines of the same group reach each other. TCP delivers later what was sent over a link that seemed to be up, and pings in vain. */
  split(groups: ReadonlyMap<number, number>): void {
    this.group = new Map(groups);
    for (const envelope of this.held.splice(0)) this.send(envelope);
  }

  set(owner: number, failover: readonly number[], afterMs: number): void {
    this.act(SERVICE, (fleet, now, out) => fleet.setTag(TAG, { owner, failover, afterMs }, now, out));
  }

  /** A person makes a machine active on the machine itself. */
  activate(id: number): void {
    if (this.runs(id)) this.becomeActive(id);
  }

  run(ms: number): void {
    const end = this.nowMs + ms;
    while (this.quietUntil <= end) {
      const [flight] = this.flights;
      let due = Number.POSITIVE_INFINITY;
      for (const { nextDeadline } of this.network.fleets.values()) due = Math.min(due, nextDeadline);
      const next = Math.min(flight?.at ?? Number.POSITIVE_INFINITY, due);
      this.quietUntil = next;
      if (next > end) break;
      this.nowMs = Math.max(this.nowMs, next);
      if (flight !== undefined && flight.at <= due) {
        this.flights.shift();
        this.arrive(flight.envelope);
        continue;
      }
      for (const [id, fleet] of [...this.network.fleets]) {
        if (fleet.nextDeadline <= this.nowMs) this.act(id, (it, now, out) => it.advance(now, out));
      }
    }
    this.nowMs = end;
  }

  private act(id: number, act: Parameters<FleetNetwork['act']>[2]): void {
    const monotonicMs = this.nowMs;
    this.quietUntil = monotonicMs;
    this.took(id, this.network.act(id, { monotonicMs, unixMs: CLOCK_STARTS_AT + monotonicMs }, act));
  }

  private took(id: number, effects: readonly FleetEffect[]): void {
    for (const effect of effects) {
      if (effect.type === 'tag_wish' && id === SERVICE) this.wishes.set(effect.tag, effect.wish);
      if (effect.type === 'message' && effect.message.type === 'mi') this.becomeActive(id);
    }
    for (const envelope of this.network.underWay.splice(0)) this.send(envelope);
  }

  private send(envelope: Envelope): void {
    this.quietUntil = this.nowMs;
    const groupOf = (id: number) => this.group.get(id) ?? 0;
    if (groupOf(envelope.from) === groupOf(envelope.to)) this.flights.push({ at: this.nowMs + DELAY, envelope });
    else if ('destination' in envelope.content) this.held.push(envelope);
  }

  private arrive(envelope: Envelope): void {
    const { to, content } = envelope;
    if (!this.runs(to)) return;
    if (content.type === 'tag_active' && content.destination === to && to !== SERVICE) {
      this.active.delete(to);
      this.told.get(to)?.clear();
    }
    const monotonicMs = this.nowMs;
    const { effects } = this.network.deliver(envelope, { monotonicMs, unixMs: CLOCK_STARTS_AT + monotonicMs });
    this.took(to, effects);
  }

  /** A machine that is active tells only those that it has not told yet. */
  private becomeActive(id: number): void {
    if (!this.active.has(id)) this.activating(id);
    this.active.add(id);
    const told = this.told.get(id) ?? new Set();
    for (const to of [...this.machines, SERVICE]) {
      if (to === id || told.has(to) || !this.sees(id, to)) continue;
      told.add(to);
      const message: ExtraMessage = { type: 'tag_active', clusterId: 1, origin: id, destination: to, tag: TAG };
      this.send({ from: id, to, content: message, family: 'E' });
    }
  }
}
