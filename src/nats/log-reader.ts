import { messageOf } from '../ground/message-of.js';
import type { Clock, Log } from '../ground/ports.js';
import type { Applied } from './applied.js';
import type { Connection } from './connection.js';
import { LogConsumer, type StoredMessage } from './consumer.js';
import type { LogSnapshots } from './log-snapshots.js';
import { answered } from './opening.js';
import type { ReplicaFailure } from './replica-failure.js';
import type { ReplicatedLog } from './replicated-log.js';
import type { SnapshotStore } from './snapshot-store.js';
import type { LogStream } from './stream.js';

interface Parts {
  readonly connection: Connection;
  readonly stream: LogStream;
  readonly snapshots: SnapshotStore;
  readonly commands: ReplicatedLog;
  readonly states: LogSnapshots;
  readonly applied: Applied;
  readonly failure: ReplicaFailure;
  readonly clock: Clock;
  readonly log: Log;
  /** The snapshot is at least this old, so that this replica has what a resume may ask for. */
  readonly replaySeconds: number;
}

/** Applies the log here: the newest snapshot that is old enough, what follows it, and what comes from then on. */
export class LogReader {
  /** How long the newest message took to this replica, in milliseconds. */
  lagMs = 0;
  private consumer: LogConsumer | null = null;

  constructor(private readonly parts: Parts) {}

  /** Restores the snapshot, and begins to read. Returns its place (null: there is none), and where the log ends now. */
  async start(): Promise<{ readonly snapshotSeq: number | null; readonly lastSeq: number }> {
    const { connection, stream, snapshots, states, failure, clock, log, replaySeconds } = this.parts;
    const { firstSeq } = await answered(clock, () => stream.state());
    const oldEnough = clock.now().unixMs - replaySeconds * 1_000;
    const snapshot = await answered(clock, () => snapshots.newest(oldEnough, firstSeq));
    if (snapshot !== null) states.restore(snapshot);
    const { lastSeq } = await answered(clock, () => stream.state());
    this.consumer = new LogConsumer(connection, {
      stream: stream.name,
      fromSeq: (snapshot?.seq ?? 0) + 1,
      deliver: (message) => this.deliver(message),
      onGap: ({ expectedSeq, foundSeq }) =>
        failure.fail(`the log has no message ${expectedSeq} any more; its next one is ${foundSeq}`),
      clock,
      log,
    });
    this.consumer.stopped.catch((error: unknown) => failure.fail(messageOf(error)));
    return { snapshotSeq: snapshot?.seq ?? null, lastSeq };
  }

  /** Resolves after the message that is being applied. */
  async close(): Promise<void> {
    await this.consumer?.close();
  }

  private deliver(message: StoredMessage): void {
    const { clock, commands, applied } = this.parts;
    this.lagMs = Math.max(0, clock.now().unixMs - message.timeMs);
    commands.deliver(message);
    applied.tell();
  }
}
