import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, type Replacements, startApp } from '../../../src/app.js';
import { readConfig } from '../../../src/config/variables.js';
import type { Address } from '../../../src/wire/address.js';
import { SocketClient } from '../peers/socket-client.js';
import { MemoryDatabase } from '../tables/memory-database.js';
import { openInThisProcess } from '../tables/own-process.js';
import { type Answer, CheckedRequests } from './checked-requests.js';
import { compiledResolver } from './compiled-resolver.js';

type Environment = Readonly<Record<string, string>>;

const started: TestService[] = [];

/** A whole service in this process, on free ports, stopped after the test. Its tables are in memory, or in the database that the environment names. */
export function startService(
  environment: Environment = {},
  replacements: Partial<Replacements> = {},
): Promise<TestService> {
  const database = new MemoryDatabase();
  const openDatabase = environment.CLUSTERER_DB_URL === undefined ? () => database.open() : openInThisProcess;
  return start(new TestService(null, environment, { openDatabase, ...replacements }));
}

/**
 * The same on a database file of its own, for tests about storage and about other programs that write to the table.
 * The file is open in this process, so nothing may lock it; a test with locks replaces `openDatabase` with the service's own.
 */
export async function startServiceOnDisk(
  environment: Environment = {},
  replacements: Partial<Replacements> = {},
): Promise<TestService> {
  const folder = await mkdtemp(join(tmpdir(), 'clusterer-'));
  return start(new TestService(folder, environment, { openDatabase: openInThisProcess, ...replacements }));
}

async function start(service: TestService): Promise<TestService> {
  started.push(service);
  await service.start();
  return service;
}

/** Call once at the top of a test file. */
export function stopServicesAfterEach(): void {
  afterEach(async () => {
    await Promise.all(started.splice(0).map((service) => service.discard()));
  });
}

export class TestService {
  readonly logLines: Record<string, unknown>[] = [];
  private app: App | null = null;
  private readonly requests = new CheckedRequests(() => this.httpUrl);
  private readonly sockets: SocketClient[] = [];
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly folder: string | null,
    private readonly environment: Environment,
    private readonly replacements: Partial<Replacements>,
  ) {}

  get bin(): Address {
    return this.running.bin;
  }

  /** Where BIN over TLS listens. */
  get bins(): Address {
    const { bins } = this.running;
    if (bins === null) throw new Error('the service has no BIN over TLS');
    return bins;
  }

  get httpUrl(): string {
    return `http://127.0.0.1:${this.running.http.port}`;
  }

  get databaseFile(): string {
    if (this.folder === null) throw new Error('this service has no file; start it with startServiceOnDisk');
    return join(this.folder, 'clusterer.db');
  }

  /** Starts, or starts again on the same database. The ports are new ones unless they are given. */
  async start(more: Environment = {}): Promise<void> {
    const config = readConfig({
      ...(this.folder !== null && { CLUSTERER_DB_URL: `file:${this.databaseFile}` }),
      CLUSTERER_HTTP_PORT: '0',
      CLUSTERER_BIN_PORT: '0',
      CLUSTERER_LOG_LEVEL: 'debug',
      ...this.environment,
      ...more,
    });
    this.app = await startApp(config, {
      resolver: compiledResolver(),
      ...this.replacements,
      logTo: { write: (line) => this.logged(line) },
    });
  }

  async stop(): Promise<void> {
    await this.app?.stop();
    this.app = null;
  }

  async discard(): Promise<void> {
    for (const client of this.sockets) client.socket.terminate();
    await this.stop();
    if (this.folder !== null) await rm(this.folder, { recursive: true, force: true });
  }

  /** Sends JSON (a string unchanged) and checks the response against the service's own OpenAPI document. */
  request(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.requests.send(method, path, body, headers);
  }

  /** Provisions a machine and returns it. */
  async provision(clusterId: number, machineId: number, url: string, more: object = {}): Promise<Answer['body']> {
    const answer = await this.request('POST', `/clusters/${clusterId}/machines`, {
      machine_id: machineId,
      url,
      ...more,
    });
    if (answer.status !== 201) throw new Error(`provisioning answered ${answer.text}`);
    return answer.body;
  }

  /** A socket that has received its welcome. */
  async socket(protocols?: string[], headers?: Record<string, string>): Promise<SocketClient> {
    const client = await SocketClient.open(`${this.httpUrl.replace('http', 'ws')}/ws`, protocols, headers);
    this.sockets.push(client);
    await client.first('welcome');
    return client;
  }

  /** The first log line with these fields, once there is one; `from`: how many lines to skip. */
  async logLine(fields: Record<string, unknown>, from = 0): Promise<Record<string, unknown>> {
    const wanted = Object.entries(fields);
    for (let seen = from; ; ) {
      const line = this.logLines.slice(seen).find((one) => wanted.every(([name, value]) => one[name] === value));
      if (line !== undefined) return line;
      seen = this.logLines.length;
      await this.nextLogLine();
    }
  }

  nextLogLine(): Promise<void> {
    return new Promise((resolve) => this.waiting.add(resolve));
  }

  private get running(): App {
    if (this.app === null) throw new Error('the service is stopped');
    return this.app;
  }

  private logged(line: string): void {
    this.logLines.push(JSON.parse(line));
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const wake of waiting) wake();
  }
}
