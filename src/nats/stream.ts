import { createHash } from 'node:crypto';
import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamInfo,
} from '@nats-io/jetstream';
import { type NatsConnection, nanos } from '@nats-io/transport-node';
import { messageOf } from '../ground/message-of.js';
import { hasQuorum } from './quorum.js';

/** The publisher has its own way to find duplicates. The server's is as short as it allows. */
const DUPLICATE_WINDOW_MS = 100;

/** Codes of JetStream for more copies than it has servers. */
const REPLICA_FAULTS: ReadonlySet<number> = new Set([10005, 10074]);
/** Another replica created the stream in the meantime, with other settings. */
const STREAM_EXISTS = 10058;

export interface StreamSettings {
  readonly prefix: string;
  /** Copies of the log on servers of NATS. */
  readonly replicas: number;
}

export interface StreamState {
  /** Changes only if the log is lost. */
  readonly epoch: string;
  /** The sequence of the oldest message that is kept; `lastSeq + 1` if there is none. */
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/** The stream that holds the log. */
export class LogStream {
  constructor(
    private readonly manager: JetStreamManager,
    readonly name: string,
    readonly subject: string,
  ) {}

  async state(): Promise<StreamState> {
    const { created, state } = await this.manager.streams.info(this.name);
    const { messages, first_seq, last_seq: lastSeq } = state;
    const firstSeq = messages === 0 ? lastSeq + 1 : first_seq;
    return { epoch: epochOf(this.name, created), firstSeq, lastSeq };
  }

  /** Whether it takes messages, as far as its servers tell. */
  async isKept(): Promise<boolean> {
    return hasQuorum(await this.manager.streams.info(this.name));
  }

  /** Removes all messages before `seq`, which stays. */
  async purgeBefore(seq: number): Promise<void> {
    await this.manager.streams.purge(this.name, { seq });
  }
}

/**
 * Creates the stream, or finds it.
 * @throws Error that names the variable to correct
 */
export async function openStream(nats: NatsConnection, settings: StreamSettings): Promise<LogStream> {
  const manager = await managerOf(nats);
  const name = `${settings.prefix.toUpperCase()}_LOG`;
  const subject = `${settings.prefix}.log`;
  const { config } = (await find(manager, name)) ?? (await create(manager, name, subject, settings.replicas));
  if (config.num_replicas !== settings.replicas) {
    throw new Error(
      `CLUSTERER_NATS_REPLICAS is ${settings.replicas}, but the stream ${name} has ${config.num_replicas} replicas. Set ${config.num_replicas}, or change the stream with nats stream edit.`,
    );
  }
  return new LogStream(manager, name, subject);
}

async function managerOf(nats: NatsConnection): Promise<JetStreamManager> {
  try {
    return await jetstreamManager(nats);
  } catch (error) {
    throw new Error(`CLUSTERER_NATS_URL: JetStream is not available there: ${messageOf(error)}.`, { cause: error });
  }
}

async function find(manager: JetStreamManager, name: string): Promise<StreamInfo | null> {
  try {
    return await manager.streams.info(name);
  } catch (error) {
    if (isStreamMissing(error)) return null;
    throw error;
  }
}

async function create(manager: JetStreamManager, name: string, subject: string, replicas: number): Promise<StreamInfo> {
  try {
    return await manager.streams.add({
      name,
      subjects: [subject],
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      num_replicas: replicas,
      // A full stream refuses messages, so senders are slowed down. With `old` it would drop what replicas have not read yet.
      discard: DiscardPolicy.New,
      duplicate_window: nanos(DUPLICATE_WINDOW_MS),
    });
  } catch (error) {
    const code = codeOf(error);
    if (code !== null && REPLICA_FAULTS.has(code)) {
      const fault = `NATS cannot keep ${replicas} replicas of the log: ${messageOf(error)}`;
      throw new Error(`CLUSTERER_NATS_REPLICAS: ${fault}.`, { cause: error });
    }
    const found = code === STREAM_EXISTS ? await find(manager, name) : null;
    if (found === null) throw error;
    return found;
  }
}

/** A stream that was created again has another time. */
function epochOf(name: string, created: string): string {
  return createHash('sha256').update(`${name} ${created}`).digest('base64url').slice(0, 12);
}

/** Whether JetStream says that it has no such stream. */
export function isStreamMissing(error: unknown): boolean {
  return codeOf(error) === JetStreamApiCodes.StreamNotFound;
}

function codeOf(error: unknown): number | null {
  return error instanceof JetStreamApiError ? error.code : null;
}
