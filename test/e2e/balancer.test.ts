import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { describeWithNats, NatsServer } from '../support/nats/nats-server.js';
import { freePort } from '../support/service/free-port.js';
import { scrape } from '../support/service/metrics.js';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';
import { MemoryDatabase } from '../support/tables/memory-database.js';

jest.setTimeout(60_000);
stopServicesAfterEach();

const HAPROXY = '/usr/sbin/haproxy';
const CONFIG = readFileSync(join(__dirname, '../../deploy/haproxy.cfg'), 'utf8');

const folder = mkdtempSync(join(tmpdir(), 'clusterer-haproxy-'));
let haproxy: ChildProcess | undefined;
let nats: NatsServer | undefined;
afterAll(async () => {
  await nats?.stop();
  haproxy?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** deploy/haproxy.cfg, with the addresses of these replicas. */
function configFor(replicas: readonly TestService[], http: number, bin: number): string {
  const addresses = replicas.map(({ httpUrl, bin: { port } }) => ({ http: new URL(httpUrl).port, bin: port }));
  let text = CONFIG.replace('bind :8080', `bind 127.0.0.1:${http}`).replace('bind :5555', `bind 127.0.0.1:${bin}`);
  // Each replica has ports of its own here, where deploy/haproxy.cfg has hosts.
  text = text.replace('default-server port 8080 ', 'default-server ');
  for (const [index, address] of addresses.entries()) {
    const name = `hub-${index + 1}`;
    text = text
      .replace(`server ${name} ${name}:8080`, `server ${name} 127.0.0.1:${address.http}`)
      .replace(`server ${name} ${name}:5555`, `server ${name} 127.0.0.1:${address.bin} port ${address.http}`);
  }
  return text;
}

/** Runs HAProxy with this configuration. Resolves when it has found out that two replicas do not lead: it begins with all servers up. */
async function startHaproxy(config: string): Promise<void> {
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(file, config);
  haproxy = spawn(HAPROXY, ['-f', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  const printed: string[] = [];
  // Read to the end, so that it is never blocked.
  const lines = createInterface(haproxy.stderr as Readable).on('line', (line) => printed.push(line));
  while (printed.filter((line) => / Server leader\/hub-\d is DOWN/.test(line)).length < 2) {
    const [, hasEnded] = await Promise.race([once(lines, 'line'), once(lines, 'close').then(() => ['', true])]);
    if (hasEnded) throw new Error(`HAProxy has ended: ${printed.join(' ')}`);
  }
}

const GARBAGE = Buffer.alloc(64, 'x');

/** Sends bytes that are no packet through the balancer until a replica counts them: the one that got the connection. */
async function receiverOf(replicas: readonly TestService[], port: number): Promise<TestService> {
  for (;;) {
    const socket = connect(port, '127.0.0.1', () => socket.write(GARBAGE)).on('error', () => {});
    await once(socket, 'close');
    for (const replica of replicas) {
      if ((await scrape(replica))['clusterer_refused_total{door="bin",reason="bad_marker"}'] !== undefined)
        return replica;
    }
  }
}

(existsSync(HAPROXY) ? describeWithNats : describe.skip)('deploy/haproxy.cfg in front of three replicas', () => {
  it('sends BIN to the leader, and to the next one after it has gone; HTTP goes to any that is ready', async () => {
    const server = await NatsServer.start();
    nats = server;
    const database = new MemoryDatabase();
    const start = (replica: string) =>
      startService(
        {
          CLUSTERER_NATS_URL: server.url,
          CLUSTERER_DB_URL: 'postgres://nobody@127.0.0.1:1/none',
          CLUSTERER_REPLICA: replica,
        },
        { openDatabase: () => database.open() },
      );
    const replicas = [await start('hub-1'), await start('hub-2'), await start('hub-3')];
    const [http, bin] = [await freePort(), await freePort()];
    await startHaproxy(configFor(replicas, http, bin));
    const [first, ...others] = replicas as [TestService, ...TestService[]];
    expect(await receiverOf(replicas, bin)).toBe(first);
    await first.stop();
    const next = await receiverOf(others, bin);
    expect((await next.request('GET', '/leaderz')).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${http}/healthz`)).status).toBe(200);
  });
});
