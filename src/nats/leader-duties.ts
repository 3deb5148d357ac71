import { messageOf } from '../ground/message-of.js';
import { pause } from '../ground/pause.js';
import type { Clock, Log } from '../ground/ports.js';
import type { Elected } from './elected.js';
import type { LogSnapshots } from './log-snapshots.js';
import { CHECKPOINT_MS } from './opening.js';
import type { ReplicaList } from './replica-list.js';
import type { ReplicatedLog } from './replicated-log.js';
import type { ReplicatedService } from './replicated-service.js';

export const TICK_MS = 1_000;
const TICKS_TO_CHECKPOINT = CHECKPOINT_MS / TICK_MS;

/** When the leader could not take over. */
const RETRY_MS = 1_000;

interface Parts {
  readonly clock: Clock;
  readonly log: Log;
  readonly commands: ReplicatedLog;
  readonly leadership: Elected;
  readonly replicas: ReplicaList;
  readonly states: LogSnapshots;
  /** Null before it joins. */
  readonly service: () => ReplicatedService | null;
}

/** What a replica does for all of them while it leads. */
export class LeaderDuties {
  constructor(private readonly parts: Parts) {}

  changed(isLeading: boolean): void {
    const { log, commands, leadership, service } = this.parts;
    const { replica } = leadership;
    log.info({ replica, term: commands.term }, isLeading ? 'this replica leads' : 'this replica leads no more');
    if (isLeading) void this.takeOver();
    else service()?.follow();
  }

  /** Call it every `TICK_MS`: releases what dead replicas held, and shows that the log works; every ten seconds, asks for a checkpoint. */
  tick(count: number): void {
    const { commands, leadership, replicas, states, service } = this.parts;
    if (!leadership.isLeading) return;
    const alive = new Set(replicas.list().map(({ name }) => name));
    service()?.releaseUnless((replica) => alive.has(replica));
    if (commands.unavailable !== null) return;
    // Without a snapshot a full log could not make room.
    const isCheckpoint = count % TICKS_TO_CHECKPOINT === 0 || !states.hasSnapshot;
    commands.post(isCheckpoint ? { type: 'checkpoint' } : { type: 'advance', limit: 1 });
  }

  /** Until it succeeds, or the term is over: the database may be away. */
  private async takeOver(): Promise<void> {
    const { clock, log, commands, leadership, service } = this.parts;
    const { term } = commands;
    while (leadership.isLeading && commands.term === term) {
      try {
        await service()?.lead();
        return;
      } catch (error) {
        log.error({ err: messageOf(error) }, 'the leader cannot take over; trying again');
        await pause(clock, RETRY_MS);
      }
    }
  }
}
