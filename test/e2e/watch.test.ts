import { createHash } from 'node:crypto';
import { FakeClock } from '../support/engine/fake-clock.js';
import type { SocketClient } from '../support/peers/socket-client.js';
import { eventually } from '../support/service/eventually.js';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';

stopServicesAfterEach();

const UL = { module: 'ul', protocol: 'bin', timeout: 0, auth_check: false, cluster_id: 1 };
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const TOKENS = `alice:operate:${sha256('alice')},sip:module:${sha256('sip')},eye:read:${sha256('eye')}`;

/** All notifications to a watcher, without the welcome: the answer to a ping comes after them. */
async function changesOf(client: SocketClient) {
  await client.call('ping');
  return client.notifications.slice(1).map(({ method, params }) => ({ method, ...params }));
}

async function watching(environment = {}, clusterId?: number, clock?: FakeClock) {
  const service = await startService(environment, clock && { clock });
  const client = await service.socket();
  const snapshot = await client.call('watch', clusterId === undefined ? {} : { cluster_id: clusterId });
  return { service, client, snapshot };
}

describe('watch', () => {
  it('returns the machines and modules as REST does, with the seq that the stream continues', async () => {
    const service = await startService();
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    await service.provision(2, 3, 'bin:127.0.0.3:5555');
    const [client, module] = [await service.socket(), await service.socket()];
    await module.call('register_module', UL);
    await module.call('register_module', { ...UL, cluster_id: 0 });
    await module.call('register_module', { ...UL, cluster_id: 2 });
    const { nodes } = (await service.request('GET', '/nodes')).body;
    const everything = await client.call('watch');
    expect(Object.keys(everything)).toEqual(['seq', 'nodes', 'modules']);
    expect(everything.nodes).toEqual(nodes);
    expect(everything.modules.map((one: { number: number }) => one.number)).toEqual([1, 2, 3]);
    const one = await client.call('watch', { cluster_id: 1 });
    expect(one.nodes).toEqual(nodes.slice(0, 1));
    expect(one.modules.map((it: { number: number }) => it.number)).toEqual([1, 2]);
    expect(await client.call('watch', { cluster_id: 9 })).toMatchObject({ nodes: [] });

    await service.provision(1, 7, 'bin:127.0.0.7:5555');
    const [added] = await client.first('machine_added');
    expect(added?.seq).toBe(everything.seq + 1);
  });

  it('reports machines that are added, changed and removed, with cause and token', async () => {
    const service = await startService({ CLUSTERER_TOKENS: TOKENS });
    const alice = { authorization: 'Bearer alice' };
    const client = await service.socket(['clusterer.v1'], { authorization: 'Bearer eye' });
    const { seq } = await client.call('watch');
    const url = '/clusters/1/machines';
    const by = { cause: 'provisioning', by: 'alice' };
    const body = { machine_id: 2, url: 'bin:127.0.0.2:5555' };
    const added = (await service.request('POST', url, body, alice)).body;
    const changed = (await service.request('PUT', `${url}/2`, { description: 'two' }, alice)).body;
    await service.request('DELETE', `${url}/2`, undefined, alice);
    expect(await changesOf(client)).toEqual([
      { method: 'machine_added', seq: seq + 1, machine: added, ...by },
      { method: 'machine_changed', seq: seq + 2, machine: changed, ...by },
      { method: 'machine_removed', seq: seq + 3, machine: changed, ...by },
    ]);
  });

  it('reports what a reload has changed, and then its result', async () => {
    const service = await startService({ CLUSTERER_TOKENS: TOKENS });
    const alice = { authorization: 'Bearer alice' };
    const body = { machine_id: 2, url: 'bin:127.0.0.2:5555' };
    await service.request('POST', '/clusters/1/machines', body, alice);
    await service.request('PUT', '/clusters/1/machines/2/status', { status: 'down' }, alice);
    const client = await service.socket(['clusterer.v1'], { authorization: 'Bearer eye' });
    const { seq } = await client.call('watch', { cluster_id: 5 });
    await client.call('watch');
    // Without persistent mode the status is lost.
    const answer = (await service.request('POST', '/reload', undefined, alice)).body;
    const [state, reloaded, again] = await changesOf(client);
    const change = { from: 'down', to: 'up', cause: 'reload', by: 'alice' };
    expect(state).toMatchObject({ method: 'node_state', seq: seq + 1, ...change });
    expect(reloaded).toEqual({ method: 'nodes_reloaded', seq: seq + 2, ...answer, by: 'alice' });
    // Once for each of the two watches, because a reload concerns every cluster.
    expect(again).toEqual(reloaded);
  });

  it.each([
    ['the status of REST', 'operator', (service: TestService) => setStatus(service, 'down')],
    ['the status of MI', 'operator', (service: TestService) => setStatusByMi(service)],
    ['set_state', 'set_state', (service: TestService) => setState(service, 'down')],
  ])('reports a state that was set by %s with the cause %s and the token', async (_, cause, set) => {
    const service = await startService({ CLUSTERER_TOKENS: TOKENS });
    const alice = { authorization: 'Bearer alice' };
    const body = { machine_id: 2, url: 'bin:127.0.0.2:5555' };
    await service.request('POST', '/clusters/1/machines', body, alice);
    const client = await service.socket(['clusterer.v1'], { authorization: 'Bearer eye' });
    const { seq, nodes } = await client.call('watch', { cluster_id: 1 });
    await set(service);
    expect(await changesOf(client)).toEqual([
      {
        method: 'node_state',
        seq: seq + 1,
        machine: { ...nodes[0], state: 'down' },
        from: 'up',
        to: 'down',
        cause,
        by: 'alice',
      },
    ]);
  });

  it('names the token of a counted failure, and none for failed sends and durations that pass', async () => {
    const clock = new FakeClock();
    const service = await startService({ CLUSTERER_TOKENS: TOKENS }, { clock });
    const alice = { authorization: 'Bearer alice' };
    const body = { machine_id: 2, url: 'bin:127.0.0.2:9', failed_attempts: 1, duration: 10 };
    await service.request('POST', '/clusters/1/machines', body, alice);
    const client = await service.socket(['clusterer.v1'], { authorization: 'Bearer sip' });
    await client.call('watch', { cluster_id: 1 });
    await client.call('set_state', { cluster_id: 1, machine_id: 2, state: 2 });
    clock.advance(10_000);
    await client.call('send_to', { cluster_id: 1, module: 'ul', packet_type: 1 });
    clock.advance(10_000);
    const changes = (await changesOf(client)).map(({ from, to, cause, by }: Record<string, unknown>) => [
      from,
      to,
      cause,
      by,
    ]);
    expect(changes).toEqual([
      ['up', 'temp_disabled', 'set_state', 'sip'],
      ['temp_disabled', 'up', 'duration_passed', undefined],
      ['up', 'temp_disabled', 'send_failed', undefined],
      ['temp_disabled', 'up', 'duration_passed', undefined],
    ]);
  });

  it('names no token when none are configured', async () => {
    const { service, client } = await watching();
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    await service.request('PUT', '/clusters/1/machines/2/status', { status: 'down' });
    expect((await changesOf(client)).map((one) => 'by' in one)).toEqual([false, false]);
  });

  it('reports registrations that begin and end, as rows of GET /modules', async () => {
    const { service, client, snapshot } = await watching();
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    const module = await service.socket();
    const { registration } = await module.call('register_module', UL);
    const [row] = (await service.request('GET', '/modules')).body.modules;
    expect(row).toMatchObject({ number: 1, connected: true });
    await module.call('unregister_module', { registration });
    const [, registered, unregistered] = await changesOf(client);
    const silence = { silent_for: expect.any(Number) };
    const machines = [{ ...row.machines[0], ...silence }];
    expect(registered).toEqual({ method: 'module_registered', seq: snapshot.seq + 2, ...row, machines });
    expect(unregistered).toEqual({
      method: 'module_unregistered',
      seq: snapshot.seq + 3,
      ...row,
      connected: false,
      machines: [],
    });
    expect(JSON.stringify(await changesOf(client))).not.toContain(registration);
  });

  it('reports the end of a registration whose client did not come back', async () => {
    const clock = new FakeClock();
    const { service, client } = await watching({}, 1, clock);
    const module = await service.socket();
    await module.call('register_module', UL);
    module.socket.terminate();
    await expectConnected(service, false);
    expect(await changesOf(client)).toHaveLength(1);
    clock.advance(30_000);
    expect(await changesOf(client)).toMatchObject([{ method: 'module_registered' }, { method: 'module_unregistered' }]);
  });

  it('reports machines that fall silent and are enabled again', async () => {
    const clock = new FakeClock();
    const { service, client, snapshot } = await watching({}, 1, clock);
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    const module = await service.socket();
    await module.call('register_module', { ...UL, timeout: 1 });
    clock.advance(1001);
    clock.advance(2000);
    const reception = { method: 'reception', number: 1, module: 'ul', cluster_id: 1, machine_id: 2 };
    expect((await changesOf(client)).slice(2)).toEqual([
      { ...reception, seq: snapshot.seq + 3, from: 'receiving', to: 'disabled' },
      { ...reception, seq: snapshot.seq + 4, from: 'disabled', to: 'receiving' },
    ]);
  });

  it('of one cluster reports no other cluster', async () => {
    const { service, client } = await watching({}, 1);
    await service.provision(2, 3, 'bin:127.0.0.3:5555');
    const module = await service.socket();
    await module.call('register_module', { ...UL, cluster_id: 2 });
    await service.request('PUT', '/clusters/2/machines/3/status', { status: 'down' });
    await module.call('register_module', { ...UL, cluster_id: 0 });
    expect(await changesOf(client)).toMatchObject([{ method: 'module_registered', cluster_id: 0 }]);
  });

  it('ends with unwatch, for that cluster only', async () => {
    const { service, client } = await watching({}, 1);
    await client.call('watch', { cluster_id: 2 });
    expect(await client.call('unwatch', { cluster_id: 1 })).toEqual({});
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    await service.provision(2, 3, 'bin:127.0.0.3:5555');
    expect(await changesOf(client)).toMatchObject([{ machine: { cluster_id: 2 } }]);
    expect(await client.call('unwatch', {})).toEqual({});
  });

  it('has no gap between the snapshot and the stream while machines are added', async () => {
    const service = await startService();
    const machineIds = Array.from({ length: 60 }, (_, i) => i + 1);
    const provisioned = Promise.all(machineIds.map((id) => service.provision(1, id, `bin:127.0.0.${id}:5555`)));
    const watchers = await Promise.all(machineIds.slice(0, 20).map(() => service.socket()));
    const snapshots = await Promise.all(watchers.map((client) => client.call('watch', { cluster_id: 1 })));
    await provisioned;
    for (const [i, client] of watchers.entries()) {
      await client.call('ping');
      const added = client.notifications
        .slice(1)
        .map(({ params }) => (params.machine as { machine_id: number }).machine_id);
      const listed = snapshots[i].nodes.map((one: { machine_id: number }) => one.machine_id);
      expect([...listed, ...added].sort((a, b) => a - b)).toEqual(machineIds);
      const seqs = client.notifications.slice(1).map(({ params }) => params.seq);
      expect(seqs).toEqual(added.map((_, n) => snapshots[i].seq + 1 + n));
    }
  });

  it('reports nothing before its answer, even when the same batch changes a machine', async () => {
    const service = await startService();
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    const client = await service.socket();
    const set = { cluster_id: 1, machine_id: 2, state: 'down' };
    const batch = [
      { jsonrpc: '2.0', id: 1, method: 'watch' },
      { jsonrpc: '2.0', id: 2, method: 'set_state', params: set },
    ];
    client.socket.send(JSON.stringify(batch));
    await client.first('node_state');
    expect(client.frames.slice(1)).toMatchObject([
      [{ result: { nodes: [{ state: 'up' }] } }, { result: { state: 'down' } }],
      { method: 'node_state' },
    ]);
  });
});

async function setStatus(service: TestService, status: string): Promise<void> {
  const alice = { authorization: 'Bearer alice' };
  await service.request('PUT', '/clusters/1/machines/2/status', { status }, alice);
}

async function setStatusByMi(service: TestService): Promise<void> {
  const alice = { authorization: 'Bearer alice' };
  const body = { jsonrpc: '2.0', id: 1, method: 'clusterer_set_status', params: [1, 2, 0] };
  expect((await service.request('POST', '/mi', body, alice)).body.result).toBe('OK');
}

async function setState(service: TestService, state: string): Promise<void> {
  const client = await service.socket(['clusterer.v1'], { authorization: 'Bearer alice' });
  await client.call('set_state', { cluster_id: 1, machine_id: 2, state });
}

async function expectConnected(service: TestService, connected: boolean): Promise<void> {
  await eventually(async () => (await service.request('GET', '/modules')).body.modules[0].connected === connected);
}
