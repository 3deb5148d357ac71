import { messageOf } from '../ground/message-of.js';
import type { Log } from '../ground/ports.js';
import { digestOf } from '../service/state/snapshot.js';
import type { Checkpoints } from './checkpoints.js';
import type { LogState, ReplicatedLog } from './replicated-log.js';
import type { ReplicatedService } from './replicated-service.js';
import type { Snapshot } from './snapshot-store.js';

/** A snapshot starts with the length of the state of the log, which is JSON. */
const LENGTH_BYTES = 4;

interface Parts {
  readonly log: Log;
  readonly commands: ReplicatedLog;
  readonly checkpoints: Checkpoints;
  readonly isLeading: () => boolean;
  /** Null before it joins. */
  readonly service: () => ReplicatedService | null;
}

/** The state of this replica as snapshots: that of the log, and that of the service. */
export class LogSnapshots {
  /** Whether there is, or soon will be, a snapshot. */
  hasSnapshot = false;
  /** Whether it has applied what the log held when it joined. Nobody compares the states before that any more. */
  hasJoined = false;
  private isMakingRoom = false;

  constructor(private readonly parts: Parts) {}

  restore({ bytes, seq, timeMs }: Snapshot): void {
    const end = LENGTH_BYTES + bytes.readUInt32BE(0);
    const state = JSON.parse(bytes.toString('utf8', LENGTH_BYTES, end)) as LogState;
    this.hasSnapshot = true;
    this.parts.commands.restore(state, seq, timeMs);
    this.parts.service()?.restore(bytes.subarray(end));
  }

  /** Tells the others the digest after this position. The leader stores the snapshot. */
  checkpoint(position: number): void {
    const service = this.parts.service();
    if (service === null) return;
    this.hasSnapshot = true;
    if (!this.hasJoined) return;
    const state = service.snapshot();
    this.parts.checkpoints.digest(position, digestOf(state));
    if (this.parts.isLeading()) this.store(state);
  }

  /** The log is full. The publisher calls it again if that does not help. */
  async makeRoom(): Promise<void> {
    if (this.isMakingRoom) return;
    this.isMakingRoom = true;
    const { checkpoints, log } = this.parts;
    try {
      if (await checkpoints.makeRoom()) return;
      const service = this.parts.service();
      if (service === null || !this.parts.isLeading()) return;
      this.store(service.snapshot());
      await checkpoints.stored();
      await checkpoints.makeRoom();
    } catch (error) {
      log.debug({ err: messageOf(error) }, 'No room made in the log');
    } finally {
      this.isMakingRoom = false;
    }
  }

  /** @param state that of the service after the newest message */
  private store(state: Buffer): void {
    const { commands, checkpoints } = this.parts;
    const log = Buffer.from(JSON.stringify(commands.state));
    const head = Buffer.alloc(LENGTH_BYTES);
    head.writeUInt32BE(log.length);
    checkpoints.store(commands.position, commands.timeMs, Buffer.concat([head, log, state]));
  }
}
