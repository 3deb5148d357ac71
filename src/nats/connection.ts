import { readFileSync } from 'node:fs';
import {
  type Authenticator,
  AuthorizationError,
  type ConnectionOptions,
  connect,
  credsAuthenticator,
  type NatsConnection,
  type TlsOptions,
} from '@nats-io/transport-node';
import { messageOf } from '../ground/message-of.js';
import type { Clock, Log } from '../ground/ports.js';
import { withTimeout } from '../ground/with-timeout.js';
import { splitServers } from './servers.js';

/** A server that stops without closing its sockets is noticed after two to three of these. */
const PING_INTERVAL_MS = 350;
const PINGS_WITHOUT_REPLY = 2;
/** For one server; the next one is tried after it. */
const CONNECT_TIMEOUT_MS = 2_000;
/** An entry of the log has at most what one read brings, or one message of a fleet as JSON and as bytes: each less than 200 KB. */
const LEAST_PAYLOAD_BYTES = 262_144;
/** For the first connection: a process that reaches no server does not start. */
const START_TIMEOUT_MS = 5_000;

export interface ConnectionSettings {
  readonly servers: readonly string[];
  /** The path of a credentials file; empty: none. */
  readonly credsFile: string;
  /** The path of a file with certificate authorities; empty: those of Node, and TLS only if the server wants it. */
  readonly caFile: string;
  /** Shown in the monitoring of NATS. */
  readonly name: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** A connection to NATS that reconnects forever. */
export class Connection {
  /** The monotonic time since which there is no connection, in milliseconds; null while there is one. */
  disconnectedSince: number | null = null;
  private readonly listeners = new Set<(isConnected: boolean) => void>();

  constructor(
    readonly nats: NatsConnection,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    void this.watch();
  }

  get isConnected(): boolean {
    return this.disconnectedSince === null;
  }

  /** @returns a function that removes the listener */
  onStatus(listener: (isConnected: boolean) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async close(): Promise<void> {
    await this.nats.close();
  }

  private async watch(): Promise<void> {
    for await (const status of this.nats.status()) {
      if (status.type === 'disconnect') this.lost(status.server);
      if (status.type === 'reconnect') this.found(status.server);
      if (status.type === 'error') this.log.warn({ err: messageOf(status.error) }, 'NATS error');
    }
  }

  private lost(server: string): void {
    if (!this.isConnected) return;
    this.disconnectedSince = this.clock.now().monotonicMs;
    this.log.warn({ server }, 'NATS connection lost');
    for (const listener of this.listeners) listener(false);
  }

  private found(server: string): void {
    if (this.isConnected) return;
    this.disconnectedSince = null;
    this.log.info({ server }, 'NATS connection restored');
    for (const listener of this.listeners) listener(true);
  }
}

/** @throws Error that names the variable to correct, without secrets */
export async function connectNats(settings: ConnectionSettings): Promise<Connection> {
  const { clock, log, credsFile } = settings;
  const { servers, ...account } = splitServers(settings.servers);
  const options: ConnectionOptions = {
    ...account,
    servers,
    name: settings.name,
    timeout: CONNECT_TIMEOUT_MS,
    pingInterval: PING_INTERVAL_MS,
    maxPingOut: PINGS_WITHOUT_REPLY,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 200,
    reconnectJitter: 100,
    // Credentials may expire, and be replaced later.
    ignoreAuthErrorAbort: true,
    noAsyncTraces: true,
  };
  if (credsFile !== '') options.authenticator = credentials(credsFile);
  if (settings.caFile !== '') options.tls = authorities(settings.caFile);
  const connecting = connect(options);
  const failed = connecting.then(
    (nats) => nats,
    (error: unknown) => startFault(error, credsFile),
  );
  const result = await withTimeout(clock, START_TIMEOUT_MS, failed);
  if (result === undefined) {
    void connecting.then((nats) => nats.close()).catch(() => {});
    throw new Error(`CLUSTERER_NATS_URL: no NATS server was reached within ${START_TIMEOUT_MS / 1000} s.`);
  }
  if (result instanceof Error) throw result;
  const { max_payload: most = LEAST_PAYLOAD_BYTES } = result.info ?? {};
  if (most < LEAST_PAYLOAD_BYTES) {
    await result.close();
    throw new Error(
      `CLUSTERER_NATS_URL: the NATS server takes ${most} bytes in a message. Set max_payload to at least ${LEAST_PAYLOAD_BYTES} there.`,
    );
  }
  return new Connection(result, clock, log);
}

function startFault(error: unknown, credsFile: string): Error {
  if (!(error instanceof AuthorizationError)) {
    return new Error(`CLUSTERER_NATS_URL: no NATS server was reached: ${messageOf(error)}.`, { cause: error });
  }
  const fault =
    credsFile === '' ? 'the NATS server requires credentials' : 'the NATS server does not accept the credentials';
  return new Error(`CLUSTERER_NATS_CREDS: ${fault}.`, { cause: error });
}

/** Reads the file at every connect, so that it can be replaced while the process runs. */
function credentials(path: string): Authenticator {
  let last = authenticatorOf(path);
  return (nonce) => {
    try {
      last = authenticatorOf(path);
    } catch {
      // A file that is being replaced may be incomplete: the last good one counts.
    }
    return last(nonce);
  };
}

function authenticatorOf(path: string): Authenticator {
  try {
    const authenticator = credsAuthenticator(readFileSync(path));
    // It parses the file at the first call.
    authenticator('check');
    return authenticator;
  } catch {
    throw new Error('CLUSTERER_NATS_CREDS must be a readable credentials file of NATS (a JWT and a seed).');
  }
}

function authorities(path: string): TlsOptions {
  try {
    return { ca: readFileSync(path, 'utf8') };
  } catch (error) {
    throw new Error(`CLUSTERER_NATS_CA: ${messageOf(error)}.`);
  }
}
