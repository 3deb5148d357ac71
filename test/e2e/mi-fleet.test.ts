import { allLinked, endFleetAfterEach, startFleet } from '../support/fleet/fleet.js';
import { MEMBER, startPair } from '../support/fleet/member.js';
import { freePort } from '../support/service/free-port.js';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';

stopServicesAfterEach();
endFleetAfterEach();

const UL = 'usrloc-contact-repl';

/** Returns the result of an MI command, or its error as `code text`. */
async function mi(service: TestService, method: string, params?: unknown): Promise<unknown> {
  const { body } = await service.request('POST', '/mi', { jsonrpc: '2.0', id: '1', method, params });
  return body.error === undefined ? body.result : `${body.error.code} ${body.error.message}`;
}

describe('MI in a fleet', () => {
  it('lists machines, topology and own capabilities as OpenSIPS 4.0 does, also under the names of 3.x', async () => {
    const { service, fleet: machines } = await startPair(141);
    const [first, second] = machines;
    const node = (id: number, url: string | undefined) => ({
      node_id: id,
      db_id: expect.any(Number),
      url,
      link_state: 'Up',
      state: 'enabled',
      next_hop: String(id),
      description: 'none',
    });
    const list = { Clusters: [{ cluster_id: 1, Nodes: [node(1, first?.url), node(2, second?.url)] }] };
    for (const name of ['clusterer:list', 'clusterer_list']) expect(await mi(service, name)).toEqual(list);
    for (const name of ['clusterer:list_topology', 'clusterer_list_topology']) {
      expect(await mi(service, name)).toMatchObject({
        Clusters: [{ cluster_id: 1, Nodes: [{ node_id: MEMBER, Neighbours: [1, 2] }, { node_id: 1 }, { node_id: 2 }] }],
      });
    }
    const socket = await service.socket();
    await socket.call('register_module', { module: 'ul', protocol: 'bin', timeout: 0, auth_check: 1, cluster_id: 1 });
    for (const name of ['clusterer:list_cap', 'clusterer_list_cap']) {
      expect(await mi(service, name)).toEqual({
        Clusters: [{ cluster_id: 1, Capabilities: [{ name: UL, state: 'not synced', enabled: 'yes' }] }],
      });
    }
  });

  it('lists sharing tags, and gives a managed one to its owner again', async () => {
    const { service, machine } = await startPair(119);
    expect(await mi(service, 'clusterer:list_shtags')).toEqual([]);
    await service.request('PUT', '/clusters/1/tags/vip', { owner: 1 });
    for (const name of ['clusterer:list_shtags', 'clusterer_list_shtags']) {
      expect(await mi(service, name)).toEqual([{ Tag: 'vip', Cluster: 1, State: 'backup' }]);
    }
    const commands = () =>
      machine(1)
        .packets('clusterer-extra')
        .filter(({ body }) => body.includes('shtag_set_active'));
    const before = commands().length;
    expect(await mi(service, 'clusterer:shtag_set_active', { tag: 'vip/1' })).toBe('OK');
    await machine(1).until(() => commands().length > before);
    const name = 'clusterer_shtag_set_active';
    expect(await mi(service, name, ['vip'])).toBe('400 Bad tag format <name/cluster_id>');
    expect(await mi(service, name, ['vip/x'])).toBe('400 Bad cluster ID in tag');
    expect(await mi(service, name, ['vip/1/1'])).toBe('400 Bad cluster ID in tag');
    expect(await mi(service, name, ['vip/8'])).toBe('404 Cluster ID not found');
    expect(await mi(service, name, [' vip / 1 '])).toBe('OK');
    // A daemon would become active itself.
    expect(await mi(service, name, ['other/1'])).toBe('400 Local node cannot be active');
    expect(await mi(service, name)).toBe('-32602 Invalid params');
  });

  it('sets the status of a machine, and of the own node: then nothing is sent to the cluster until it is 1', async () => {
    const { service, machine } = await startPair(142);
    expect(await mi(service, 'clusterer:set_status', ['1', '2', '0'])).toBe('OK');
    expect((await service.request('GET', '/clusters/1/machines/2')).body).toMatchObject({
      state: 'down',
      link: 'down',
    });
    expect(await mi(service, 'clusterer_set_status', { cluster_id: 1, node_id: 2, status: 1 })).toBe('OK');

    const send = () => service.request('POST', '/clusters/1/packets', { module: 'x', packet_type: 1 });
    expect((await send()).body.results).toContainEqual({ machine_id: 1, sent: true });
    expect(await mi(service, 'clusterer:set_status', ['1', '0'])).toBe('OK');
    expect((await send()).body.results).toEqual([]);
    expect(await mi(service, 'clusterer:send_mi', ['1', '1', 'uptime'])).toBe('Local node disabled');
    await service.request('POST', '/reload');
    expect((await send()).body.results).toEqual([]);
    await machine(1).until(() => !machine(1).links.isUp(MEMBER));
    expect(await mi(service, 'clusterer:set_status', [1, MEMBER, 1])).toBe('OK');
    await machine(1).until(() => machine(1).links.isUp(MEMBER));
  });

  it('answers with the errors of 4.0', async () => {
    const { service } = await startPair(143);
    for (const [method, params, error] of [
      ['clusterer:set_status', [7, 1, 0], '404 Cluster id not found'],
      ['clusterer:set_status', [1, 7, 0], '404 Node id not found'],
      ['clusterer:set_status', [7, 1, 2], "400 Bad value for 'status'"],
      ['clusterer:set_status', [0, 1, 0], "400 Bad value for 'cluster_id'"],
      ['clusterer:set_status', ['x', 1, 0], '-32602 Invalid params'],
      ['clusterer:set_status', [1, 1, true], '-32602 Invalid params'],
      ['clusterer:set_status', [1, 0, 0], "400 Bad value for 'node_id'"],
      ['clusterer:set_status', [1, 1, 2], "400 Bad value for 'status'"],
      ['clusterer:set_status', [1], '-32602 Invalid params'],
      ['clusterer:send_mi', [1, 'x', 'uptime'], '-32602 Invalid params'],
      ['clusterer:send_mi', [1, 0, 'uptime'], "400 Bad value for 'destination'"],
      ['clusterer:send_mi', [7, 1, 'uptime'], '400 Send error'],
      ['clusterer:send_mi', [1, 1, 'uptime', 'text'], '-32602 Invalid params'],
      ['clusterer:send_mi', [1, 1, 'uptime', [{}]], '-32602 Invalid params'],
      ['clusterer:send_mi', [1, MEMBER, 'uptime'], '400 Local node specified as destination'],
      ['clusterer:send_mi', [1, 7, 'uptime'], '400 Send error'],
      ['clusterer:broadcast_mi', [1, 'no_such_command'], '400 Command to be run not found'],
      ['clusterer:remove_node', [7, 1], '400 Unknown cluster id'],
      ['clusterer:remove_node', [1, 7], '400 Unknown node id'],
      ['clusterer:remove_node', [1, 1], '400 Running in DB mode'],
    ] as const) {
      expect([method, params, await mi(service, method, params)]).toEqual([method, params, error]);
    }
  });

  it('sends a command to one machine, and one to all, which it runs here too', async () => {
    const { service, machine } = await startPair(144);
    expect(await mi(service, 'cluster_send_mi', ['1', '1', 'ul_rm', ['location', 'alice']])).toBe('OK');
    await machine(1).until(() => machine(1).packets('clusterer-extra').length === 1);
    expect(await mi(service, 'cluster_broadcast_mi', ['1', 'clusterer:list_cap'])).toEqual({
      Clusters: [{ cluster_id: 1, Capabilities: [] }],
    });
    for (const id of [1, 2]) {
      const commands = () => machine(id).packets('clusterer-extra');
      await machine(id).until(() => commands().some(({ body }) => body.includes('clusterer:list_cap')));
    }
    const local = { Clusters: [{ cluster_id: 1, Capabilities: [] }] };
    // As in 4.0, a command for an unknown cluster runs here.
    expect(await mi(service, 'cluster_broadcast_mi', ['7', 'clusterer:list_cap'])).toEqual(local);
    await service.request('PUT', '/clusters/1/machines/2/status', { status: 'down' });
    expect(await mi(service, 'cluster_send_mi', ['1', '2', 'uptime'])).toBe('400 Destination down');
  });

  it('removes a machine without a row, and the others forget it', async () => {
    const host = `127.0.145.${MEMBER}`;
    const port = await freePort();
    const machines = await startFleet(
      [1, 2].map((id) => ({ id, host: `127.0.145.${id}`, joins: true, capabilities: { [UL]: true } })),
    );
    await allLinked(machines);
    const service = await startService({
      CLUSTERER_SERVER_ID: String(MEMBER),
      CLUSTERER_BIN_HOST: host,
      CLUSTERER_BIN_PORT: String(port),
      CLUSTERER_JOIN: `1=${machines[0]?.url}`,
      CLUSTERER_ADVERTISE_URL: `bin:${host}:${port}`,
    });
    await allLinked(machines, [1, 2, MEMBER]);
    const [first, second] = machines;
    await second?.kill();
    for (const id of [1, 2]) {
      while ((await service.request('GET', `/clusters/1/machines/${id}`)).body.releases === null)
        await service.nextLogLine();
    }
    expect(await mi(service, 'clusterer:remove_node', ['1', '2'])).toBe('OK');
    expect((await service.request('GET', '/clusters/1/machines/2')).status).toBe(404);
    await first?.until(() => first.packets('clusterer-extra').some(({ type }) => type === 6));
  });
});

test('the commands of 2.2 keep its answers while a cluster of 2.2 is loaded', async () => {
  const service = await startService();
  await service.provision(1, 2, 'bin:127.0.0.2:5555');
  expect(await mi(service, 'clusterer_list')).toMatchObject({ Clusterer: [{ 'Machine ID': 2 }] });
  expect(await mi(service, 'clusterer:list')).toMatchObject({
    Clusters: [{ cluster_id: 1, Nodes: [{ node_id: 2, link_state: 'Up', next_hop: '2', state: 'enabled' }] }],
  });
});

test('to send_mi and broadcast_mi a cluster of 2.2, whose machines take no commands, is an unknown one, as for 4.0', async () => {
  const service = await startService();
  await service.provision(1, 2, 'bin:127.0.0.2:5555');
  for (const params of [
    [1, 2, 'uptime'],
    [1, 7, 'uptime'],
  ]) {
    expect(await mi(service, 'clusterer:send_mi', params)).toBe('400 Send error');
  }
  for (const name of ['clusterer:broadcast_mi', 'cluster_broadcast_mi']) {
    expect(await mi(service, name, [1, 'clusterer:list'])).toEqual(await mi(service, 'clusterer:list'));
    expect(await mi(service, name, [1, 'clusterer:set_status', [1, 2, 0]])).toBe('OK');
  }
  expect((await service.request('GET', '/clusters/1/machines/2')).body).toMatchObject({ state: 'down' });
  const rest = await service.request('POST', '/clusters/1/mi', { command: 'uptime' });
  expect([rest.status, rest.body.code]).toEqual([409, 'dialect_not_supported']);
});
