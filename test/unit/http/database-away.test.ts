import { pino } from 'pino';
import { readConfig } from '../../../src/config/variables.js';
import { NO_FLEETS } from '../../../src/domain/fleets.js';
import { DatabaseUnavailable } from '../../../src/ground/errors.js';
import { buildHttp } from '../../../src/http/build.js';
import { RejectionCounts } from '../../../src/limits/rejection-counts.js';
import { Rejections } from '../../../src/limits/rejections.js';
import { ClusterService } from '../../../src/service/cluster-service.js';
import type { MachineRow, MachineStore } from '../../../src/service/ports/machine-store.js';
import { FakeClock } from '../../support/engine/fake-clock.js';
import { ROW } from '../../support/tables/rows.js';

const STORED: MachineRow = { clustererId: 1, ...ROW };

/** Has one row. While it is away, every call rejects. */
class Store implements MachineStore {
  readonly tableVersion = 1;
  away = false;

  private async reach<T>(value: T): Promise<T> {
    if (this.away) throw new DatabaseUnavailable('The database cannot be used: it is away.');
    return value;
  }

  load = () => this.reach({ rows: [STORED], skipped: [] });
  saveStates = () => this.reach(undefined);
  insert = () => this.reach(STORED);
  update = () => this.reach(STORED);
  remove = () => this.reach(true);
  ping = () => this.reach(undefined);
  close = async () => undefined;
}

async function startAway() {
  const store = new Store();
  const sender = { send: () => undefined, disconnect: () => undefined, close: async () => undefined };
  const resolver = { resolve: async (host: string) => ({ ips: [host], fault: null }) };
  const logger = pino({ level: 'silent' });
  const service = new ClusterService(
    { store, own: null, sender, replies: { reply: () => undefined }, resolver, clock: new FakeClock(), log: logger },
    {
      serverId: 0,
      fleets: NO_FLEETS,
      dialectOf: () => '2.2',
      nodeTimeoutSeconds: 60,
      decode: true,
      redact: new Set<string>(),
      persistent: false,
      syncIntervalMs: 1000,
      replayBytes: 0,
      replaySeconds: 0,
      replayTotalBytes: 0,
      maxRegistrations: 1,
      maxMachines: 9,
      historyDays: 1,
      historyRows: 0,
    },
  );
  const readiness = async () => ({ status: 'ready' as const });
  const scrape = async () => ({ contentType: 'text/plain', text: '' });
  const rejections = new Rejections(new RejectionCounts(), logger);
  const parts = {
    service,
    rejections,
    logger,
    readiness,
    options: readConfig({}),
    scrape,
    build: { version: '1.0.0', commit: '' },
    replica: null,
  };
  const http = await buildHttp(parts, () => {});
  await service.loader.reload();
  store.away = true;
  return { http, store };
}

test('reload and provisioning fail with 503 while the database is unavailable, and change nothing', async () => {
  const { http } = await startAway();
  const before = (await http.inject('/nodes')).body;
  for (const [method, url, payload] of [
    ['POST', '/reload', undefined],
    ['POST', '/clusters/1/machines', { machine_id: 3, url: 'bin:127.0.0.3' }],
    ['PUT', '/clusters/1/machines/2', { url: 'bin:127.0.0.9' }],
    ['DELETE', '/clusters/1/machines/2', undefined],
  ] as const) {
    const answer = await http.inject({ method, url, ...(payload && { payload }) });
    expect([url, answer.statusCode, answer.json().code]).toEqual([url, 503, 'database_unavailable']);
  }
  expect((await http.inject('/nodes')).body).toBe(before);
});

test('a failed reload is the MI error 500, as in OpenSIPS 2.2', async () => {
  const { http } = await startAway();
  for (const method of ['clusterer_reload', 'clusterer:reload']) {
    const payload = { jsonrpc: '2.0', id: '1', method };
    const answer = await http.inject({ method: 'POST', url: '/mi', payload });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({
      id: '1',
      error: { code: 500, message: 'Failed to reload', data: { code: 'database_unavailable' } },
    });
  }
});

test('setting a status and listing machines work without the database', async () => {
  const { http, store } = await startAway();
  const url = '/clusters/1/machines/2/status';
  const set = await http.inject({ method: 'PUT', url, payload: { status: 'down' } });
  expect([set.statusCode, set.json().state]).toEqual([200, 'down']);
  store.away = false;
  expect((await http.inject({ method: 'POST', url: '/reload' })).statusCode).toBe(200);
});
