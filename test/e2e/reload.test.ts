import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { FakeClock } from '../support/engine/fake-clock.js';
import type { Answer } from '../support/service/checked-requests.js';
import { HeldResolver } from '../support/service/held-resolver.js';
import { startServiceOnDisk, stopServicesAfterEach, type TestService } from '../support/service/service.js';
import { type TableRow, withTable } from '../support/tables/table.js';

stopServicesAfterEach();

const reload = (service: TestService): Promise<Answer> => service.request('POST', '/reload');
const nodes = async (service: TestService) => (await service.request('GET', '/nodes')).body.nodes;

function row(machine_id: number, more: Partial<TableRow> = {}): TableRow {
  return { cluster_id: 1, machine_id, url: `bin:127.0.0.${machine_id}:5555`, ...more };
}

const addRows = (service: TestService, ...rows: TableRow[]) => withTable(service, (table) => table.add(...rows));
const run = (service: TestService, sql: string) => withTable(service, (table) => table.run(sql));

describe('a reload', () => {
  it('counts the machines that another program has added, removed and changed', async () => {
    const service = await startServiceOnDisk();
    await addRows(service, row(2), row(3), row(4));
    expect((await reload(service)).body).toEqual({
      clusters: 1,
      nodes: 3,
      added: 3,
      removed: 0,
      changed: 0,
      skipped: [],
      repaired: [],
    });
    const client = await service.socket();
    await run(
      service,
      `DELETE FROM clusterer WHERE machine_id = 2;
       UPDATE clusterer SET description = 'new' WHERE machine_id = 3;
       INSERT INTO clusterer (cluster_id, machine_id, url) VALUES (2, 5, 'bin:127.0.0.5:5555');`,
    );
    expect((await reload(service)).body).toEqual({
      clusters: 2,
      nodes: 3,
      added: 1,
      removed: 1,
      changed: 1,
      skipped: [],
      repaired: [],
    });
    expect((await reload(service)).body).toMatchObject({ added: 0, removed: 0, changed: 0 });
    await client.close();
  });

  it('skips faulty rows, names the faulty field of each, and loads all others', async () => {
    const service = await startServiceOnDisk();
    await addRows(
      service,
      row(2),
      row(3, { url: 'bin:' }),
      row(4, { state: 7 }),
      row(0),
      row(6, { cluster_id: -1 }),
      row(7, { url: `sip:${'x'.repeat(8)}:99999` }),
    );
    await run(service, "INSERT INTO clusterer (cluster_id, machine_id, url, duration) VALUES (1, 8, 'bin:x', 'long')");
    const { body } = await reload(service);
    expect(body).toMatchObject({ clusters: 1, nodes: 1, added: 1 });
    const fields = body.skipped.map((one: { clusterer_id: number; field: string }) => [one.clusterer_id, one.field]);
    expect(fields.sort()).toEqual([
      [2, 'url'],
      [3, 'state'],
      [4, 'machine_id'],
      [5, 'cluster_id'],
      [6, 'url'],
      [7, 'duration'],
    ]);
    for (const one of body.skipped) expect(one.reason).not.toBe('');
  });

  it('is what PUT refers to for a machine whose row cannot be loaded', async () => {
    const service = await startServiceOnDisk();
    await addRows(service, row(2, { url: 'bin:' }));
    const put = await service.request('PUT', '/clusters/1/machines/2', { url: 'bin:127.0.0.2:5555' });
    expect([put.status, put.body.code]).toEqual([409, 'duplicate_machine']);
    expect(put.body.detail).toContain('POST /reload says what is wrong with it');
  });

  it('loads the lower clusterer_id of two rows for one machine', async () => {
    const service = await startServiceOnDisk();
    await run(service, 'DROP TABLE clusterer');
    await run(
      service,
      `CREATE TABLE clusterer (clusterer_id INTEGER PRIMARY KEY, cluster_id INT, machine_id INT, url TEXT, state INT DEFAULT 1,
        description TEXT, failed_attempts INT DEFAULT 3, last_attempt INT DEFAULT 0, duration INT DEFAULT 30, no_tries INT DEFAULT 0)`,
    );
    await addRows(service, row(2, { clusterer_id: 9 }), row(2, { clusterer_id: 4, url: 'bin:127.0.0.4:5555' }));
    const { body } = await reload(service);
    expect(body.skipped).toEqual([{ clusterer_id: 9, field: 'machine_id', reason: 'duplicate of row 4' }]);
    expect(await nodes(service)).toMatchObject([{ clusterer_id: 4, address: '127.0.0.4:5555' }]);
  });

  it('replaces an implausible last attempt by the current time, reports it, and repairs it in persistent mode', async () => {
    const service = await startServiceOnDisk({ CLUSTERER_PERSISTENT_MODE: '1' }, { clock: new FakeClock() });
    await addRows(service, row(2, { state: 2, last_attempt: '8029399167908617523', duration: 30 }));
    expect((await reload(service)).body).toMatchObject({
      added: 1,
      skipped: [],
      repaired: [{ clusterer_id: 1, field: 'last_attempt' }],
    });
    const msg = 'table row repaired and loaded';
    await service.logLine({ msg, clustererId: 1, field: 'last_attempt' });
    await service.logLine({ msg: 'table loaded', machines: 1, skipped: 0, repaired: 1 });
    expect(await nodes(service)).toMatchObject([
      { state: 'temp_disabled', last_attempt: 1_800_000_000, seconds_until_enabling: 30 },
    ]);
    await reload(service);
    expect(await withTable(service, (table) => table.states())).toEqual([[2, 2, 0, 1_800_000_000]]);
  });

  it('fails with 503 when the table cannot be read, and changes nothing in memory', async () => {
    const service = await startServiceOnDisk();
    const machine = await service.provision(1, 2, 'bin:127.0.0.2:5555');
    await service.request('PUT', '/clusters/1/machines/2/status', { status: 'down' });
    await run(service, 'ALTER TABLE clusterer RENAME TO elsewhere');
    const calls = [
      await reload(service),
      await service.request('POST', '/clusters/1/machines', { machine_id: 3, url: 'bin:127.0.0.3:5555' }),
      await service.request('PUT', '/clusters/1/machines/2', { duration: 7 }),
      await service.request('DELETE', '/clusters/1/machines/2'),
    ];
    expect(calls.map(({ status, body }) => [status, body.code])).toEqual(Array(4).fill([503, 'database_unavailable']));
    expect(await nodes(service)).toEqual([{ ...machine, state: 'down' }]);
    const readiness = await service.request('GET', '/readyz');
    expect([readiness.status, readiness.body]).toEqual([200, { status: 'degraded' }]);
    await run(service, 'ALTER TABLE elsewhere RENAME TO clusterer');
    expect((await reload(service)).status).toBe(200);
  });

  it('is shared by concurrent calls', async () => {
    const resolver = new HeldResolver();
    const service = await startServiceOnDisk({}, { resolver });
    await addRows(service, row(2, { url: 'bin:sip-2.example:5555' }));
    const healthz = () => service.request('GET', '/healthz');
    // Two connections are open before, and a third is opened after: so both calls have arrived when the load continues.
    await Promise.all([healthz(), healthz()]);
    const both = [reload(service), reload(service)];
    await healthz();
    await resolver.answer('sip-2.example', ['127.0.0.2']);
    const [first, second] = await Promise.all(both);
    expect(first?.body).toMatchObject({ added: 1 });
    expect(second?.body).toEqual(first?.body);
    expect(resolver.asked).toEqual(['sip-2.example']);
    expect(service.logLines.filter(({ msg }) => msg === 'table loaded')).toHaveLength(2);
  });

  it.each([
    ['1', 'is kept in persistent mode', 'down'],
    ['0', 'is lost without it', 'up'],
  ])('a status that is set while it runs (CLUSTERER_PERSISTENT_MODE=%s) %s', async (mode, _, state) => {
    const resolver = new HeldResolver();
    const service = await startServiceOnDisk({ CLUSTERER_PERSISTENT_MODE: mode }, { resolver });
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    await addRows(service, row(3, { url: 'bin:sip-3.example:5555' }));
    const reloaded = reload(service);
    while (resolver.asked.length === 0) await service.request('GET', '/healthz');
    await service.request('PUT', '/clusters/1/machines/2/status', { status: 'down' });
    await resolver.answer('sip-3.example', ['127.0.0.3']);
    await reloaded;
    expect(await nodes(service)).toMatchObject([{ machine_id: 2, state }, { machine_id: 3 }]);
  });

  it('keeps an up that was set again while another program wrote a down', async () => {
    const resolver = new HeldResolver();
    const service = await startServiceOnDisk({ CLUSTERER_PERSISTENT_MODE: '1' }, { resolver });
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    await addRows(service, row(3, { url: 'bin:sip-3.example:5555' }));
    await run(service, 'UPDATE clusterer SET state = 0 WHERE machine_id = 2');
    const reloaded = reload(service);
    while (resolver.asked.length === 0) await service.request('GET', '/healthz');
    await service.request('PUT', '/clusters/1/machines/2/status', { status: 'up' });
    await resolver.answer('sip-3.example', ['127.0.0.3']);
    await reloaded;
    expect(await nodes(service)).toMatchObject([{ machine_id: 2, state: 'up' }, { machine_id: 3 }]);
  });

  it('without persistent mode restores the states of the table', async () => {
    const service = await startServiceOnDisk();
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    await service.request('PUT', '/clusters/1/machines/2/status', { status: 'down' });
    await service.request('PUT', '/clusters/1/machines/2/state', { state: 2 });
    expect((await reload(service)).body).toMatchObject({ added: 0, removed: 0 });
    expect(await nodes(service)).toMatchObject([{ state: 'up', no_tries: 0 }]);
  });

  it('keeps connection, reception and deadline of a machine that did not change', async () => {
    const clock = new FakeClock();
    const service = await startServiceOnDisk({ CLUSTERER_PERSISTENT_MODE: '1' }, { clock });
    const machine = createServer().listen(0, '127.0.0.1');
    await once(machine, 'listening');
    const { port } = machine.address() as AddressInfo;
    await service.provision(1, 2, `bin:127.0.0.1:${port}`);
    await service.provision(1, 3, 'bin:127.0.0.3:5555', { failed_attempts: 1, duration: 60 });
    await service.request('PUT', '/clusters/1/machines/3/state', { state: 2 });
    const client = await service.socket();
    const watch = { module: 'ul', protocol: 'bin', timeout: 10, auth_check: true, cluster_id: 1 };
    await client.call('register_module', watch);
    const accepted = once(machine, 'connection') as Promise<[Socket]>;
    const send = () => service.request('POST', '/clusters/1/packets', { module: 'ul', packet_type: 1 });
    await send();
    const [incoming] = await accepted;
    let connections = 1;
    machine.on('connection', () => connections++);

    clock.advance(9_000);
    clock.jumpWall(-3_600_000);
    expect((await reload(service)).body).toMatchObject({ added: 0, removed: 0, changed: 0 });
    expect((await send()).body.results).toEqual([{ machine_id: 2, sent: true }]);
    expect([connections, incoming.destroyed]).toEqual([1, false]);
    expect(await nodes(service)).toMatchObject([{ machine_id: 2 }, { machine_id: 3, seconds_until_enabling: 51 }]);
    clock.advance(1_001);
    expect(await client.first('timeout', 2)).toMatchObject([{ machine_id: 2 }, { machine_id: 3 }]);
    incoming.destroy();
    machine.close();
  });
});

describe('a service with a server id', () => {
  const MEMBER = { CLUSTERER_SERVER_ID: '1', CLUSTERER_BIN_PORT: '0' };

  it('loads only the clusters that have its own row, and unloads a cluster whose own row is deleted', async () => {
    const service = await startServiceOnDisk(MEMBER);
    await addRows(service, row(1), row(2), row(2, { cluster_id: 7 }), row(3, { cluster_id: 7, url: 'bin:' }));
    expect((await reload(service)).body).toMatchObject({ clusters: 1, nodes: 1, added: 1, skipped: [] });
    expect(await nodes(service)).toMatchObject([{ cluster_id: 1, machine_id: 2 }]);
    await run(service, 'DELETE FROM clusterer WHERE machine_id = 1');
    expect((await reload(service)).body).toMatchObject({ clusters: 0, nodes: 0, removed: 1 });
    expect((await service.request('GET', '/clusters/1')).body).toMatchObject({ code: 'unknown_cluster' });
  });

  it('counts every row: loaded, skipped, its own, and those of other clusters', async () => {
    const service = await startServiceOnDisk(MEMBER);
    const garbage = '8029399167908617523';
    const own = row(1, { last_attempt: garbage });
    await addRows(service, own, row(2), row(3, { last_attempt: garbage }), row(4, { url: 'bin:' }), row(5));
    await addRows(service, row(2, { cluster_id: 7 }), row(3, { cluster_id: 7 }));
    const client = await service.socket();
    await client.call('watch', {});

    const { body } = await reload(service);

    expect(body).toEqual({
      clusters: 1,
      nodes: 3,
      added: 3,
      removed: 0,
      changed: 0,
      skipped: [{ clusterer_id: 4, field: 'url', reason: expect.any(String) }],
      repaired: [{ clusterer_id: 3, field: 'last_attempt', reason: expect.any(String) }],
      own: 1,
      elsewhere: 2,
    });
    expect(await client.first('nodes_reloaded')).toMatchObject([body]);
    await service.logLine({ msg: 'table loaded', machines: 3, skipped: 1, repaired: 1, own: 1, elsewhere: 2 });
  });

  it('loads a cluster when its own row is provisioned, and unloads it when that row is deleted', async () => {
    const service = await startServiceOnDisk(MEMBER);
    await addRows(service, row(2));
    await reload(service);
    const refused = await service.request('POST', '/clusters/1/machines', { machine_id: 3, url: 'bin:127.0.0.3' });
    expect([refused.status, refused.body.code]).toEqual([409, 'not_a_member']);
    expect(await service.provision(1, 1, 'bin:127.0.0.1:5555')).toMatchObject({ machine_id: 1, state: 'up' });
    expect(await nodes(service)).toMatchObject([{ machine_id: 2 }]);
    expect((await service.request('DELETE', '/clusters/1/machines/1')).status).toBe(204);
    expect(await nodes(service)).toEqual([]);
  });

  it('warns once of each url of its own row that is not its BIN listener', async () => {
    const service = await startServiceOnDisk(MEMBER);
    const warnings = () => service.logLines.filter(({ level, listener }) => level === 40 && listener !== undefined);
    await service.provision(1, 1, 'bin:127.0.0.1:1');
    await reload(service);
    expect(warnings()).toMatchObject([{ cluster_id: 1, url: 'bin:127.0.0.1:1' }]);
    await service.request('PUT', '/clusters/1/machines/1', { url: `bin:127.0.0.1:${service.bin.port}` });
    expect(warnings()).toHaveLength(1);
  });
});

it('provisioning the own row loads its cluster and keeps the states of all machines', async () => {
  const service = await startServiceOnDisk({ CLUSTERER_SERVER_ID: '1' });
  await service.provision(1, 1, 'bin:127.0.0.1:5555');
  await service.provision(1, 2, 'bin:127.0.0.2:5555');
  await service.request('PUT', '/clusters/1/machines/2/status', { status: 'down' });
  await addRows(service, row(3, { cluster_id: 2 }), row(4));

  await service.provision(2, 1, 'bin:127.0.0.1:5555');
  expect(await nodes(service)).toMatchObject([
    { cluster_id: 1, machine_id: 2, state: 'down' },
    { cluster_id: 2, machine_id: 3, state: 'up' },
  ]);
  await service.request('PUT', '/clusters/1/machines/1', { description: 'me' });
  await service.request('PUT', '/clusters/1/machines/4', { description: 'added by someone else' });
  await service.request('DELETE', '/clusters/2/machines/1');
  expect(await nodes(service)).toMatchObject([
    { machine_id: 2, state: 'down' },
    { machine_id: 4, state: 'up' },
  ]);
});
