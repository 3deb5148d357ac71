import { messageOf } from '../ground/message-of.js';
import { withTimeout } from '../ground/with-timeout.js';
import type { LeaderCall } from '../service/replicas/leader-calls.js';
import type { Replica, ReplicaStatus } from '../service/replicas/port.js';
import { Applied } from './applied.js';
import { Availability } from './availability.js';
import { Checkpoints } from './checkpoints.js';
import { connectNats } from './connection.js';
import { Elected } from './elected.js';
import { LeaderDuties, TICK_MS } from './leader-duties.js';
import { LeaderLink } from './leader-link.js';
import { LogCheck } from './log-check.js';
import { LogClock } from './log-clock.js';
import { LogProbe } from './log-probe.js';
import { LogReader } from './log-reader.js';
import { LogSnapshots } from './log-snapshots.js';
import { answered, type Opened, openParts, type ReplicationSettings } from './opening.js';
import { Publisher } from './publisher.js';
import { ReplicaFailure } from './replica-failure.js';
import { ReplicaList } from './replica-list.js';
import { ReplicatedLog } from './replicated-log.js';
import type { ReplicatedService } from './replicated-service.js';
import { ReplicaRequests } from './requests.js';
import { UnreadLog } from './unread-log.js';

/** Bytes that may wait for the log before sockets are no longer read. */
const QUEUE_BYTES = 16 * 2 ** 20;

/** How long a start waits for the log, and then for the first load of the table by the leader. */
const JOIN_MS = 60_000;
const LOAD_MS = 60_000;

/** How long a stop waits until the log has everything. */
const FLUSH_MS = 2_000;

/** One of several replicas that share a log on NATS JetStream. */
export class Replication implements Replica {
  readonly commands: ReplicatedLog;
  readonly clock: LogClock;
  readonly leadership: Elected;
  readonly replicas: ReplicaList;
  private readonly failure = new ReplicaFailure();
  /** Resolves with the reason when this replica must start again to go on. */
  readonly failed = this.failure.reason;
  private readonly publisher: Publisher;
  private readonly requests: ReplicaRequests;
  private readonly availability: Availability;
  private readonly link: LeaderLink;
  private readonly checkpoints: Checkpoints;
  private readonly since: string;
  private readonly applied: Applied;
  private readonly reader: LogReader;
  private service: ReplicatedService | null = null;
  private cancelTimer: () => void = () => {};
  private readonly logCheck: LogCheck;
  private readonly probe: LogProbe;
  private readonly states: LogSnapshots;
  private readonly duties: LeaderDuties;

  private constructor(
    private readonly settings: ReplicationSettings,
    private readonly opened: Opened,
    writable: (isWritable: boolean) => void,
  ) {
    const { clock: system, log, replica, prefix } = settings;
    const { connection, stream, snapshots, lease, bucketOfReplicas, epoch } = opened;
    this.since = new Date(system.now().unixMs).toISOString();
    this.clock = new LogClock(system);
    this.applied = new Applied(system);
    this.publisher = new Publisher(connection, {
      subject: stream.subject,
      full: () => void this.states.makeRoom(),
      limitBytes: QUEUE_BYTES,
      clock: system,
      log,
    });
    this.leadership = new Elected(
      replica,
      lease,
      () => this.commands,
      (isLeading) => this.leads(isLeading),
    );
    const isLeading = () => this.leadership.isLeading;
    this.commands = new ReplicatedLog(epoch, replica, this.publisher, this.clock, isLeading, {
      leaderChanged: () => this.leaderChanged(),
      checkpoint: (position) => this.states.checkpoint(position),
      refused: (command, error) => log.error({ command, err: messageOf(error) }, 'Log entry refused'),
    });
    this.requests = new ReplicaRequests(connection.nats, prefix, log);
    this.replicas = new ReplicaList(bucketOfReplicas, replica, () => this.status(), system, log);
    const leader = () => this.leader;
    const reached = (position: number, timeoutMs: number) => this.reached(position, timeoutMs);
    const { requests, commands } = this;
    this.link = new LeaderLink({ requests, log: commands, clock: system, replica, leader, isLeading, reached });
    const diverged = () => this.failure.fail('its state differs from that of the others');
    this.checkpoints = new Checkpoints({ replica, requests: this.requests, snapshots, stream, log, diverged, leader });
    const { checkpoints } = this;
    const service = () => this.service;
    this.states = new LogSnapshots({ log, commands, checkpoints, isLeading, service });
    const { leadership, replicas, states, applied, failure } = this;
    this.reader = new LogReader({ ...settings, ...opened, commands, states, applied, failure });
    this.duties = new LeaderDuties({ clock: system, log, commands, leadership, replicas, states, service });
    const lost = () => this.failure.fail('the log was lost');
    this.logCheck = new LogCheck({ stream, epoch, position: () => this.position, lost, log });
    lease.onChange(() => this.link.leaderChanged());
    this.probe = new LogProbe(system, stream);
    const unread = new UnreadLog(
      system,
      () => this.publisher.storedSeq,
      () => this.position,
    );
    this.availability = new Availability(
      system,
      () => !unread.check() && !this.probe.isAway && this.publisher.isAvailable,
      (unavailable) => {
        this.commands.unavailable = unavailable;
        if (unavailable !== null) this.commands.rejectPending(() => unavailable);
      },
    );
    this.publisher.onWritable(writable);
    connection.onStatus((isConnected) => {
      this.logCheck.interrupted();
      this.link.connectionChanged(isConnected);
      if (isConnected) void this.logCheck.run();
    });
  }

  /**
   * @param writable called when the log takes packets again, or takes no more
   * @throws Error that names the variable to correct
   */
  static async open(settings: ReplicationSettings, writable: (isWritable: boolean) => void): Promise<Replication> {
    const { clock, replica } = settings;
    const name = `clusterer ${replica}`;
    const connection = await connectNats({ ...settings, name });
    try {
      const replication = await answered(
        clock,
        async () => new Replication(settings, await openParts(connection, settings), writable),
      );
      await answered(clock, () => replication.replicas.start());
      return replication;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  get position(): number {
    return this.commands.position;
  }

  get lagMs(): number {
    return this.reader.lagMs;
  }

  get awayMs(): number | null {
    return this.availability.awayMs;
  }

  get differences(): number {
    return this.checkpoints.differences;
  }

  /** Reads the newest snapshot, and applies the log up to its end. */
  async join(service: ReplicatedService): Promise<void> {
    this.service = service;
    const { log, replica } = this.settings;
    const { snapshotSeq, lastSeq } = await this.reader.start();
    if (!(await this.failure.unless(this.reached(lastSeq, JOIN_MS)))) {
      throw new Error(`CLUSTERER_NATS_URL: the log was not read within ${JOIN_MS / 1_000} s.`);
    }
    this.states.hasJoined = true;
    this.link.serve((call) => service.runCall(call));
    // An earlier process of this name may have been killed: its sockets are gone, although the name is alive again.
    service.releaseUnless((holder) => holder !== replica);
    log.info({ replica, position: this.commands.position, snapshot: snapshotSeq }, 'joined the log');
  }

  /** From now on this replica may become the leader. Resolves when a leader has loaded the table. */
  async campaign(isLoaded: () => boolean): Promise<void> {
    this.opened.lease.start();
    this.tick();
    if (!(await this.failure.unless(this.applied.until(isLoaded, LOAD_MS)))) {
      throw new Error(`no replica has loaded the table within ${LOAD_MS / 1_000} s; its log says why`);
    }
  }

  toLeader = (call: LeaderCall): Promise<unknown> => this.link.call(call);

  list(): ReplicaStatus[] {
    const { leader } = this;
    return this.replicas.list().map((replica) => ({ ...replica, leader: replica.name === leader }));
  }

  reached(position: number, timeoutMs: number): Promise<boolean> {
    return this.applied.until(() => this.commands.position >= position, timeoutMs);
  }

  /** Leaves the others: gives the lease up, and closes the connection. What was appended is in the log by then. */
  async stop(): Promise<void> {
    this.cancelTimer();
    this.availability.stop();
    await withTimeout(this.settings.clock, FLUSH_MS, this.publisher.flushed());
    await this.opened.lease.release();
    await this.replicas.stop();
    await this.reader.close();
    this.publisher.close();
    await this.opened.connection.close();
  }

  /** The replica that leads; null: nobody does. */
  private get leader(): string | null {
    const { holder } = this.opened.lease;
    return holder === this.commands.leader ? holder : null;
  }

  private leads(isLeading: boolean): void {
    this.duties.changed(isLeading);
    this.link.leaderChanged();
  }

  private leaderChanged(): void {
    this.leadership.check();
    this.link.leaderChanged();
  }

  private tick(count = 0): void {
    // The log may have been away when this replica got the lease.
    this.leadership.check();
    this.duties.tick(count);
    if (this.opened.connection.isConnected) {
      void this.logCheck.run();
      void this.probe.run(this.position);
    }
    this.cancelTimer = this.settings.clock.after(TICK_MS, () => this.tick(count + 1));
  }

  private status() {
    const { position } = this.commands;
    return { name: this.settings.replica, applied_seq: position, lag_ms: Math.round(this.lagMs), since: this.since };
  }
}
