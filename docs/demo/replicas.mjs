/** Replicas on a NATS server of their own, a module that resumes, and a leader that is killed. */
import { existsSync } from 'node:fs';
import { connect as connectTcp, createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PrismaPg } from '@prisma/adapter-pg';
import { connect } from 'clusterer/client';
import { Machine } from './machine.mjs';
import {
  atEnd,
  failed,
  folder,
  isEnding,
  linesOf,
  pause,
  portAt,
  print,
  say,
  spawnModule,
  spawnProgram,
  stop,
  time,
} from './processes.mjs';

const POSTGRESQL = process.env.TEST_POSTGRESQL_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';
const HOST = '127.0.0.1';

/** Plays it until Ctrl-C. */
export async function playReplicas(count) {
  if (!Number.isInteger(count) || count < 2 || count > 5) return failed(new Error('--replicas must be 2 to 5'));
  const nats = await startNats();
  const database = nats && (await createDatabase());
  if (!database) return new Promise(() => {});
  const replicas = await startReplicas(count, { CLUSTERER_NATS_URL: nats, CLUSTERER_DB_URL: database });
  say(`${count} replicas share a log on NATS and a database; ${(await leaderOf(replicas)).name} leads`);
  for (const { name, url } of replicas) tell(name, `${url}/`);

  const balancer = await startBalancer(replicas);
  const module = await startModule(balancer.url);
  const machine = await startMachine(replicas);
  while (!isEnding()) {
    await readYourWrites(replicas);
    await killLeader(replicas, balancer, module, machine);
    say('That was everything; the demo starts over.');
    await pause();
  }
}

const tell = (who, text) => print(`${time()}    ${who.padEnd(19)} ${text}`);
const since = (begun) => `${Math.round(performance.now() - begun)} ms`;

/** Ends the demo if there is no nats-server. Returns its address. */
async function startNats() {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/bin'];
  const program = folders.map((one) => join(one, 'nats-server')).find((path) => existsSync(path));
  if (program === undefined) {
    return failed(
      new Error('replicas need nats-server, which is not installed. Debian has it: apt install nats-server'),
    );
  }
  const port = await portAt(HOST, 0);
  spawnProgram(
    program,
    [
      '--jetstream',
      '--store_dir',
      join(folder, 'nats'),
      '--addr',
      HOST,
      '--port',
      String(port),
      '--log',
      join(folder, 'nats.log'),
    ],
    {},
  );
  return `${HOST}:${port}`;
}

/** Ends the demo if there is no PostgreSQL. Returns the URL of a database, which is dropped at the end. */
async function createDatabase() {
  const name = `clusterer_demo_${process.pid}`;
  const server = await new PrismaPg({ connectionString: POSTGRESQL }).connect();
  try {
    await server.executeScript(`CREATE DATABASE ${name}`);
  } catch (error) {
    const { host, pathname } = new URL(POSTGRESQL);
    return failed(
      new Error(
        `replicas share a database, and PostgreSQL at ${host}${pathname} does not create one (${error.message}). Set TEST_POSTGRESQL_URL to one that does`,
      ),
    );
  }
  atEnd(async () => {
    await server.executeScript(`DROP DATABASE ${name} WITH (FORCE)`);
    await server.dispose();
  });
  const url = new URL(POSTGRESQL);
  url.pathname = name;
  return url.href;
}

async function startReplicas(count, environment) {
  const replicas = [];
  for (let i = 1; i <= count; i++) {
    const [http, bin] = [await portAt(HOST, 0), await portAt(HOST, 0)];
    const name = `hub-${i}`;
    const start = () => {
      const child = spawnModule('../../dist/server.js', {
        ...environment,
        CLUSTERER_REPLICA: name,
        CLUSTERER_HTTP_PORT: String(http),
        CLUSTERER_BIN_PORT: String(bin),
        CLUSTERER_LOG_LEVEL: 'error',
      });
      linesOf(child).on('line', print);
      return child;
    };
    replicas.push({ name, http, bin, url: `http://${HOST}:${http}`, start, child: start() });
  }
  for (const replica of replicas) await until(() => answers(replica, '/readyz'));
  return replicas;
}

/** What HAProxy does in deploy/haproxy.cfg: each connection goes to a replica that is ready, here to the leader first. */
async function startBalancer(replicas) {
  const balancer = { url: '', at: null };
  const server = createServer(async (client) => {
    client.on('error', () => client.destroy());
    const ready = await firstOf(replicas, '/leaderz').then((leader) => leader ?? firstOf(replicas, '/readyz'));
    if (ready === undefined) return client.destroy();
    balancer.at = ready;
    const replica = connectTcp(ready.http, HOST);
    replica.on('error', () => client.destroy()).on('close', () => client.destroy());
    client.on('close', () => replica.destroy());
    client.pipe(replica).pipe(client);
  });
  server.listen(0, HOST);
  await until(() => server.listening);
  balancer.url = `http://${HOST}:${server.address().port}`;
  return balancer;
}

/** A module that checks that it gets every notification once. */
async function startModule(url) {
  const module = { seq: 0, missing: 0, connections: 0 };
  const client = await connect(url, {
    waitForService: true,
    onError: failed,
    onConnection: (connected) => {
      if (connected) module.connections++;
      else tell('module ul', 'has lost its connection');
    },
  });
  await client.registerModule(
    { module: 'ul', timeout: 0, authCheck: false, clusterId: 1 },
    {
      packet: ({ seq }) => {
        module.missing += seq - module.seq - 1;
        module.seq = seq;
      },
      gap: ({ reason }) => tell('module ul', `something is lost: ${reason}`),
    },
  );
  tell('module ul', 'is registered, through a balancer');
  return module;
}

/** A machine that sends to a replica that does not lead. */
async function startMachine(replicas) {
  const leader = await leaderOf(replicas);
  const to = replicas.find((replica) => replica !== leader);
  const machine = new Machine({ clusterId: 1, id: 1, name: 'sip-1', host: HOST, to: { host: HOST, port: to.bin } });
  await machine.listen();
  const body = { machine_id: 1, url: machine.url, description: 'sip-1' };
  await ask(to, 'POST', '/clusters/1/machines', body);
  machine.speak();
  tell('sip-1', `sends to ${to.name}`);
  return machine;
}

async function readYourWrites(replicas) {
  const [here, there] = replicas;
  say(`an operator adds a machine at ${here.name} and reads it at ${there.name}`);
  const { headers } = await ask(here, 'POST', '/clusters/2/machines', { machine_id: 7, url: 'bin:127.0.0.1:9' });
  const begun = performance.now();
  await ask(there, 'GET', '/clusters/2/machines/7', undefined, { 'min-seq': headers.get('x-clusterer-seq') });
  tell(there.name, `has it after ${since(begun)}`);
  await ask(there, 'DELETE', '/clusters/2/machines/7');
  await pause();
}

async function killLeader(replicas, balancer, module, machine) {
  const leader = await leaderOf(replicas);
  const others = replicas.filter((replica) => replica !== leader);
  const to = others.find(({ bin }) => bin === machine.to.port) ?? others[0];
  machine.to = { host: HOST, port: to.bin };
  await until(() => module.seq > 0);
  const { seq, connections } = module;
  say(`the leader ${leader.name} is killed (kill -9)`);
  const begun = performance.now();
  await stop(leader.child, 'SIGKILL');
  const wasThere = balancer.at === leader;
  await until(() => module.connections >= connections + Number(wasThere) && module.seq > seq);
  const how = wasThere ? `has resumed at ${balancer.at.name}` : `stays at ${balancer.at.name}, and goes on`;
  tell('module ul', `${how} after ${since(begun)}: packet ${module.seq}, ${module.missing} missing`);
  const next = await until(() => firstOf(others, '/leaderz'));
  tell(next.name, `leads after ${since(begun)}`);
  // The others notice it at their next look at the lease.
  await until(async () => (await listAt(to)).some(({ leader: leads }) => leads));
  await ask(to, 'POST', '/clusters/1/packets', { module: 'ul', packet_type: 1 });
  tell(to.name, `takes a packet for the cluster, and ${next.name} sends it to sip-1`);
  await pause();

  say(`${leader.name} starts again: it reads a snapshot and the log`);
  leader.child = leader.start();
  await until(() => answers(leader, '/readyz'));
  for (const { name, leader: leads, applied_seq, lag_ms } of await listAt(leader)) {
    tell(name, `${leads ? 'leads, ' : ''}at position ${applied_seq} of the log, ${lag_ms} ms behind`);
  }
  await pause();
}

async function listAt(replica) {
  return (await (await ask(replica, 'GET', '/replicas')).json()).replicas;
}

async function leaderOf(replicas) {
  return until(() => firstOf(replicas, '/leaderz'));
}

async function firstOf(replicas, path) {
  for (const replica of replicas) if (await answers(replica, path)) return replica;
}

async function answers({ url }, path) {
  const response = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(1_000) }).catch(() => null);
  await response?.arrayBuffer();
  return response?.ok ?? false;
}

async function ask({ url }, method, path, body, headers = {}) {
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...type, ...headers },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path} returned ${response.status}: ${await response.text()}`);
  return response;
}

async function until(holds) {
  for (;;) {
    const found = await holds();
    if (found) return found;
    await delay(50);
  }
}
