import type { Command, LoadedMachine } from '../../../src/domain/commands.js';
import type { DrainRequest } from '../../../src/domain/drain.js';
import type { MachineStatus } from '../../../src/domain/machine.js';
import type { Now } from '../../../src/ground/now.js';
import { drainText } from './effect-text.js';
import {
  counts,
  disableForTheRest,
  drain,
  enable,
  type NaiveMachine,
  PROVISIONED,
  STATE_COLUMNS,
  sameAddress,
  sameMachine,
  takeStateColumns,
  unixSeconds,
} from './naive-machine.js';
import { NaiveReceptions } from './naive-reception.js';

/**
 * The rules of docs/semantics.md in the simplest form: plain records, all of them checked in every millisecond. It is slow and shares
 * no code with the engine that it is compared with. Attempts are numbered in the order they begin, over all machines.
 */
export class NaiveEngine {
  private machines: NaiveMachine[] = [];
  private readonly receptions = new NaiveReceptions(
    () => this.machines,
    (subject, text) => this.say(subject, text),
  );
  private lastMs: number | null = null;
  private attemptsBegun = 0;
  private effects: { subject: string; text: string }[] = [];

  constructor(private readonly serverId: number) {}

  /** What happened since the last call, by subject. */
  takeEffects(): { subject: string; text: string }[] {
    const effects = this.effects;
    this.effects = [];
    return effects;
  }

  /** Runs every millisecond up to now. */
  stepTo({ monotonicMs }: Now): void {
    for (let ms = (this.lastMs ?? monotonicMs - 1) + 1; ms <= monotonicMs; ms++) this.scan(ms);
    this.lastMs = monotonicMs;
  }

  apply(command: Command, now: Now): void {
    this.stepTo(now);
    this.perform(command, now);
    this.scan(now.monotonicMs);
  }

  /** A write of all unwritten rows begins. */
  beginWrite(): void {
    for (const machine of this.machines) machine.beingWritten = machine.unwritten;
  }

  stateText(): string[] {
    const byId = [...this.machines].sort((a, b) => a.clusterId - b.clusterId || a.machineId - b.machineId);
    const lines = byId.map((machine) => {
      const { clusterId, machineId, state, noTries, lastAttempt, enableAt, unwritten, drain } = machine;
      const disabledFor = this.receptions.disabledFor(machine);
      return [
        `${clusterId}/${machineId} ${state} no_tries=${noTries} last_attempt=${lastAttempt}`,
        ...(enableAt === null ? [] : [`enable_at=${enableAt}`]),
        ...(drain === null ? [] : [`drain=${drainText(drain)} ends_at=${drain.endsAt}`]),
        ...(disabledFor.length === 0 ? [] : [`disabled_for=${disabledFor.join(',')}`]),
        ...(unwritten ? ['unsaved'] : []),
      ].join(' ');
    });
    return [...lines, ...this.receptions.stateText()];
  }

  private perform(command: Command, now: Now): void {
    if (command.type === 'load') this.load([...command.machines], command.keepChanged, now);
    if (command.type === 'put_machine') this.put(command.machine, command.status, now);
    if (command.type === 'send') {
      this.send(command.clusterId, command.protocol);
      return;
    }
    if (command.type === 'register') this.receptions.register(command.number, command.request, now);
    if (command.type === 'unregister') this.receptions.unregister(command.number);
    if (command.type === 'receive') this.receptions.receive(command.run, now);
    const machine = 'machineId' in command ? this.find(command) : undefined;
    if (machine === undefined) return;
    const { match, noneMatch } = ('expected' in command && command.expected) || { match: null, noneMatch: null };
    // The versions of the acts are `*`, or one that no machine has.
    if (match !== null && match !== '*') this.say('unmet', 'unmet match');
    else if (noneMatch === '*') this.say('unmet', 'unmet none_match');
    else this.performOn(machine, command, now);
  }

  private performOn(machine: NaiveMachine, command: Command, now: Now): void {
    if (command.type === 'remove_machine') this.remove(machine);
    if (command.type === 'set_status') this.setStatus(machine, command.status, command.cause);
    if (command.type === 'drain') this.drain(machine, command, now);
    if (command.type === 'count_failure' && machine.state === 'up') this.fail(machine, 'set_state', now);
    if (command.type === 'row_saved' && machine.beingWritten) machine.unwritten = false;
    if (command.type === 'send_failed' && counts(machine, command.attempt)) this.fail(machine, 'send_failed', now);
    if (command.type === 'send_succeeded' && counts(machine, command.attempt)) {
      this.change(machine, 'send_failed', () => {
        machine.noTries = 0;
      });
    }
    if (command.type === 'address_resolved' && machine.host === command.host) {
      const [ip = null] = command.ips;
      if (machine.ip === ip) return;
      machine.ip = ip;
      this.sayOf(machine, 'machine_changed');
    }
  }

  private scan(ms: number): void {
    for (const machine of this.machines) this.endDue(machine, ms);
    this.receptions.scan(ms);
  }

  private endDue(machine: NaiveMachine, ms: number): void {
    const comesUpAt = machine.enableAt ?? machine.drain?.endsAt ?? null;
    if (comesUpAt === null || ms < comesUpAt) return;
    const cause = machine.drain === null ? 'duration_passed' : 'drain_end';
    this.change(machine, cause, () => enable(machine));
  }

  private send(clusterId: number, protocol: string): void {
    const tried = this.machines.filter((it) => it.clusterId === clusterId && it.protocol === protocol);
    for (const machine of tried.sort((a, b) => a.machineId - b.machineId)) {
      if (machine.state !== 'up') continue;
      machine.attempts.push(this.attemptsBegun++);
      this.sayOf(machine, 'send');
    }
  }

  private fail(machine: NaiveMachine, cause: string, now: Now): void {
    this.change(machine, cause, () => {
      machine.noTries++;
      machine.lastAttempt = unixSeconds(now);
      if (machine.failedAttempts <= 0 || machine.noTries < machine.failedAttempts) return;
      machine.state = 'temp_disabled';
      machine.enableAt = now.monotonicMs + machine.durationMs;
    });
  }

  private setStatus(machine: NaiveMachine, status: MachineStatus, cause: string): void {
    machine.attempts = [];
    this.change(machine, cause, () => {
      machine.state = status;
      machine.enableAt = null;
      machine.drain = null;
      if (status === 'up') machine.noTries = 0;
    });
    // Written even if it changes nothing.
    machine.unwritten = true;
    machine.beingWritten = false;
  }

  private drain(machine: NaiveMachine, { reason, until, by }: DrainRequest, now: Now): void {
    const before = machine.drain;
    const again = before !== null && before.reason === reason && before.until === until && before.by === by;
    const since = again ? before.since : now.unixMs;
    machine.attempts = [];
    this.change(machine, 'operator', () => drain(machine, { reason, until, by, since }, before, now));
    machine.unwritten = true;
    machine.beingWritten = false;
  }

  private load(rows: readonly LoadedMachine[], keepChanged: boolean, now: Now): void {
    const before = new Map(this.machines.map((machine) => [machine, { ...machine }]));
    const others = rows.filter((row) => row.machineId !== this.serverId);
    const listed = (it: NaiveMachine) => others.some((row) => sameMachine(row, it));
    for (const row of others) {
      const known = this.find(row);
      const keep = keepChanged && known?.unwritten === true && known.clustererId === row.clustererId;
      if (known === undefined) this.add(row, now);
      else this.update(known, row, keep, 'reload', now);
    }
    const gone = this.machines.filter((machine) => before.has(machine) && !listed(machine));
    for (const machine of gone) this.remove(machine);
    const added = this.machines.filter((machine) => !before.has(machine)).length;
    const changed = this.machines.filter((machine) => {
      const old = before.get(machine);
      return (
        old !== undefined &&
        [...PROVISIONED, ...STATE_COLUMNS, 'drain' as const].some((key) => old[key] !== machine[key])
      );
    }).length;
    this.say('loaded', `loaded added=${added} removed=${gone.length} changed=${changed}`);
  }

  private put(row: LoadedMachine, status: MachineStatus | null, now: Now): void {
    if (row.machineId === this.serverId) return;
    const known = this.find(row);
    if (known === undefined) this.add(row, now);
    else this.update(known, row, true, 'provisioning', now);
    const machine = this.find(row);
    if (machine !== undefined && status !== null) this.setStatus(machine, status, 'provisioning');
  }

  private add(row: LoadedMachine, now: Now): void {
    const lastAttempt = row.lastAttempt ?? unixSeconds(now);
    const fresh = { lastAttempt, enableAt: null, drain: null, attempts: [], unwritten: false, beingWritten: false };
    const machine: NaiveMachine = { ...row, ...fresh };
    if (row.state === 'temp_disabled') disableForTheRest(machine, row, now);
    if (row.drain !== null) drain(machine, row.drain, null, now);
    machine.unwritten = STATE_COLUMNS.some((key) => machine[key] !== row[key]);
    this.machines.push(machine);
    this.sayOf(machine, 'machine_added', ` ${machine.state}`);
    this.endDue(machine, now.monotonicMs);
    this.receptions.machineAdded(machine, now);
  }

  private remove(machine: NaiveMachine): void {
    this.machines = this.machines.filter((it) => it !== machine);
    this.receptions.machineRemoved(machine);
    this.sayOf(machine, 'disconnect');
    this.sayOf(machine, 'machine_removed');
  }

  /** A row that is in memory (S7 to S9). `keep`: the state columns of the memory win. */
  private update(machine: NaiveMachine, row: LoadedMachine, keep: boolean, cause: string, now: Now): void {
    const old = { ...machine };
    const moved = !sameAddress(old, row);
    if (moved) this.sayOf(machine, 'disconnect');
    const sameAttempt = row.lastAttempt === null || row.lastAttempt === old.lastAttempt;
    const disabledInBoth = old.state === 'temp_disabled' && row.state === 'temp_disabled';
    this.change(machine, row.drain === null ? cause : 'drain', () => {
      const { state, noTries, lastAttempt, enableAt } = old;
      Object.assign(machine, row, { state, noTries, lastAttempt, drain: null });
      if (enableAt !== null) machine.enableAt = enableAt + (row.durationMs - old.durationMs);
      if (!keep) takeStateColumns(machine, row, disabledInBoth && sameAttempt, now);
      if (machine.enableAt !== null) machine.enableAt = Math.max(machine.enableAt, now.monotonicMs);
      if (moved && machine.state === 'temp_disabled') enable(machine);
      if (moved) machine.noTries = 0;
      if (row.drain !== null) drain(machine, row.drain, old.drain, now);
    });
    if (!keep) machine.unwritten = STATE_COLUMNS.some((key) => machine[key] !== row[key]);
    else if (machine.drain !== null && row.state !== 'down' && !machine.unwritten) {
      machine.unwritten = true;
      machine.beingWritten = false;
    }
    this.endDue(machine, now.monotonicMs);
    if (!moved) return;
    machine.attempts = [];
    this.receptions.machineMoved(machine, now);
  }

  /** A change of the state voids the attempts in progress (S5); a change of the state columns marks the row (S6). */
  private change(machine: NaiveMachine, cause: string, make: () => void): void {
    const old = { ...machine };
    make();
    const otherDrain = old.drain !== machine.drain;
    const otherRecord = PROVISIONED.some((key) => old[key] !== machine[key]);
    if (otherRecord || (otherDrain && old.state === machine.state)) this.sayOf(machine, 'machine_changed');
    const drains = ` ${drainText(old.drain)} -> ${drainText(machine.drain)} (${cause})`;
    if (otherDrain) this.sayOf(machine, 'drain_changed', drains);
    if (old.state !== machine.state) {
      machine.attempts = [];
      this.sayOf(machine, 'node_state', ` ${old.state} -> ${machine.state} (${cause})`);
    }
    if (STATE_COLUMNS.every((key) => old[key] === machine[key])) return;
    machine.unwritten = true;
    machine.beingWritten = false;
  }

  private find(id: { clusterId: number; machineId: number }): NaiveMachine | undefined {
    return this.machines.find((machine) => sameMachine(machine, id));
  }

  private sayOf({ clusterId, machineId }: NaiveMachine, what: string, more = ''): void {
    this.say(`${clusterId}/${machineId}`, `${what} ${clusterId}/${machineId}${more}`);
  }

  private say(subject: string, text: string): void {
    this.effects.push({ subject, text });
  }
}
