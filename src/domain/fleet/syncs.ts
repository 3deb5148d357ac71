import type { ExtraMessage } from '../../wire/cluster/messages.js';
import type { ReceivedRun } from '../../wire/frame-run.js';
import { SYNCABLE } from '../../wire/modules/sync.js';
import type { Capabilities } from './capabilities.js';
import type { SyncEndReason, Turn } from './effects.js';
import type { Floods } from './floods.js';
import type { Shared } from './options.js';
import type { Peer } from './peer.js';
import { STRAGGLERS_MS, SyncRun } from './sync-run.js';
import type { TimerOwner } from './timer.js';

type Message<T extends ExtraMessage['type']> = Extract<ExtraMessage, { type: T }>;

/** Requests syncs for registrations (Y1 to Y8). At most one sync of a capability runs at a time, because its packets do not say to which request they belong. */
export class Syncs implements TimerOwner<SyncRun> {
  private readonly runs = new Map<string, SyncRun>();
  /** Registrations that asked for a sync during a run. They share the next one. */
  private readonly waiting = new Map<string, Set<number>>();

  constructor(
    private readonly shared: Shared,
    private readonly floods: Floods,
    private readonly capabilities: Capabilities,
  ) {}

  request(capability: string, registration: number, turn: Turn): boolean {
    if (!SYNCABLE.includes(capability)) return false;
    if (!this.runs.has(capability)) this.begin(capability, new Set([registration]), turn);
    else this.waiting.set(capability, (this.waiting.get(capability) ?? new Set()).add(registration));
    return true;
  }

  /** A registration ended: nothing more is said to it. */
  forget(registration: number, turn: Turn): void {
    for (const waiting of this.waiting.values()) waiting.delete(registration);
    for (const run of [...this.runs.values()]) {
      if (run.registrations.delete(registration) && run.registrations.size === 0) this.close(run, turn);
    }
  }

  /** Keeps a copy of live packets for those of these registrations that the running sync is for, and returns their numbers (Y6). */
  hold(run: ReceivedRun, candidates: readonly number[], turn: Turn): readonly number[] {
    const sync = this.runs.get(run.head.module);
    if (sync === undefined) return [];
    const registrations = candidates.filter((number) => sync.registrations.has(number));
    if (registrations.length === 0) return [];
    const { syncHeldBytes } = this.shared.options;
    if (!sync.hold(run, registrations, turn.now.unixMs, syncHeldBytes)) this.end(sync, 'too_many_waiting', turn);
    return registrations;
  }

  /** Links, routes or capabilities changed: a donor may have appeared, or be lost. */
  review(turn: Turn): void {
    for (const run of [...this.runs.values()]) {
      if (run.donor === null) this.findDonor(run, turn);
      else if (this.isLost(run.donor)) this.replace(run, 'donor_lost', turn);
    }
  }

  due(run: SyncRun, turn: Turn): void {
    if (run.donor === null) this.end(run, 'no_donor', turn);
    else if (run.announced === null) this.replace(run, 'donor_silent', turn);
    else this.end(run, 'wrong_count', turn);
  }

  /** Returns false if nobody waits for it. */
  data({ capability, origin, dataVersion, chunks }: Message<'sync'>, turn: Turn): boolean {
    const run = this.runs.get(capability);
    if (run?.donor !== origin) return false;
    const before = run.packets;
    for (const chunk of chunks) {
      if (!run.take(chunk)) continue;
      turn.out.push({ type: 'sync_packet', ...this.headOf(run), machineId: origin, dataVersion, chunk });
    }
    if (run.announced !== null) {
      if (run.isComplete) this.end(run, null, turn);
    } else if (run.packets > before) {
      // A donor that repeats itself is as silent as one that sends nothing.
      this.wait(run, this.shared.options.syncTimeoutMs, turn);
    }
    return true;
  }

  /** Returns false if nobody waits for it. */
  dataEnd({ capability, origin, chunks }: Message<'sync_end'>, turn: Turn): boolean {
    const run = this.runs.get(capability);
    if (run?.donor !== origin) return false;
    run.announced = chunks;
    if (chunks === null || run.isComplete) this.end(run, null, turn);
    else this.wait(run, STRAGGLERS_MS, turn);
    return true;
  }

  /** Ends all syncs, also those that registrations wait for. */
  stop(turn: Turn): void {
    while (this.runs.size > 0) for (const run of [...this.runs.values()]) this.end(run, 'stopped', turn);
  }

  private begin(capability: string, registrations: Set<number>, turn: Turn): void {
    const run = new SyncRun(capability, registrations, this);
    this.runs.set(capability, run);
    if (!this.shared.isActive) {
      this.end(run, 'stopped', turn);
      return;
    }
    this.wait(run, this.shared.options.seedFallbackMs, turn);
    this.findDonor(run, turn);
  }

  /** Requests the sync from another donor, once. After the second failure the sync ends (Y4). */
  private replace(run: SyncRun, reason: SyncEndReason, turn: Turn): void {
    if (run.donor !== null) run.failed.add(run.donor);
    if (run.failed.size > 1 || !this.findDonor(run, turn)) this.end(run, reason, turn);
  }

  private findDonor(run: SyncRun, turn: Turn): boolean {
    const donor = this.shared.peers.all
      .filter((peer) => this.canGive(peer, run))
      .sort((a, b) => Number(b.isUp) - Number(a.isUp))[0];
    if (donor === undefined) return false;
    run.begin(donor.machineId);
    this.wait(run, this.shared.options.syncTimeoutMs, turn);
    const { clusterId, machineId: origin } = this.shared.options;
    const destination = donor.machineId;
    const to = { machineId: donor.nextHop ?? destination };
    const { capability } = run;
    turn.out.push({ type: 'sync_started', ...this.headOf(run), machineId: destination });
    this.floods.transmit(to, { type: 'sync_request', clusterId, origin, destination, capability }, turn, donor.family);
    return true;
  }

  /** The family of a donor must be known: in other families the number of a request can be that of data. */
  private canGive({ machineId, nextHop, family }: Peer, { capability, failed }: SyncRun): boolean {
    if (nextHop === null || family === null || failed.has(machineId)) return false;
    return this.capabilities.isSynced(machineId, capability);
  }

  /** A donor whose link is `probing` may still send data. */
  private isLost(machineId: number): boolean {
    const peer = this.shared.peers.of(machineId);
    return peer === undefined || (peer.link.state === 'down' && peer.nextHop === null);
  }

  private end(run: SyncRun, reason: SyncEndReason | null, turn: Turn): void {
    const { donor: machineId, packets } = run;
    const complete = reason === null;
    turn.out.push({ type: 'sync_ended', ...this.headOf(run), machineId, packets, complete, reason });
    const held = run.takeHeld();
    if (held.length > 0) turn.out.push({ type: 'sync_released', ...this.headOf(run), runs: held });
    this.close(run, turn);
  }

  /** Ends the run, and starts the next one if registrations wait for it. */
  private close(run: SyncRun, turn: Turn): void {
    this.shared.deadlines.clear(run.timer);
    this.runs.delete(run.capability);
    const next = this.waiting.get(run.capability);
    this.waiting.delete(run.capability);
    if (next !== undefined && next.size > 0) this.begin(run.capability, next, turn);
  }

  private wait(run: SyncRun, ms: number, turn: Turn): void {
    this.shared.deadlines.set(run.timer, turn.now.monotonicMs + ms);
  }

  private headOf({ capability, registrations }: SyncRun) {
    return { clusterId: this.shared.options.clusterId, capability, registrations: [...registrations] };
  }
}
