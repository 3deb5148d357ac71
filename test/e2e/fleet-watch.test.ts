import { allLinked, endFleetAfterEach, startFleet } from '../support/fleet/fleet.js';
import { linked, MEMBER, startMember } from '../support/fleet/member.js';
import { eventually } from '../support/service/eventually.js';
import { freePort } from '../support/service/free-port.js';
import { only, scrape } from '../support/service/metrics.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

stopServicesAfterEach();
endFleetAfterEach();

const UL = 'usrloc-contact-repl';

type Params = Readonly<Record<string, unknown>>;

/** What `cluster_send_req` (1) and `cluster_send_rpl` (0) write. */
function generic(isRequest: 0 | 1, tag: string, message: string): Buffer {
  const text = (value: string) => [Buffer.from([value.length, 0]), Buffer.from(value)];
  return Buffer.concat([Buffer.from([isRequest, 0, 0, 0]), ...text(tag), ...text(message)]);
}

/** Watches cluster 1 of a linked fleet. `seen` resolves with the first change of this kind that has these parameters. */
async function watched(net: number, ids: readonly number[] = [1]) {
  const member = await startMember(
    net,
    ids.map((id) => ({ id, capabilities: { [UL]: false } })),
  );
  await linked(member);
  const socket = await member.service.socket();
  await socket.call('watch', { cluster_id: 1 });
  const seen = async (method: string, wanted: Params) => {
    const found = await socket.until(({ notifications }) =>
      notifications.find((one) => {
        const params: Params = one.params;
        return one.method === method && Object.entries(wanted).every(([name, value]) => params[name] === value);
      }),
    );
    return found.params;
  };
  return { member, service: member.service, machine: member.machine(ids[0] ?? 1), seen };
}

/** A service that has joined two machines without a row. */
async function joined(net: number) {
  const host = `127.0.${net}.${MEMBER}`;
  const port = await freePort();
  const url = `bin:${host}:${port}`;
  const fleet = await startFleet([1, 2].map((id) => ({ id, host: `127.0.${net}.${id}`, joins: true })));
  await allLinked(fleet);
  const service = await startService({
    CLUSTERER_SERVER_ID: String(MEMBER),
    CLUSTERER_BIN_HOST: host,
    CLUSTERER_BIN_PORT: String(port),
    CLUSTERER_JOIN: `1=${fleet[0]?.url}`,
    CLUSTERER_ADVERTISE_URL: url,
    CLUSTERER_PERSISTENT_MODE: '1',
    CLUSTERER_SYNC_INTERVAL_MS: '1',
  });
  await allLinked(fleet, [1, 2, MEMBER]);
  return { service, fleet, url };
}

describe('a watcher of a fleet', () => {
  it('hears of links that go down and come up', async () => {
    const { machine, seen } = await watched(73);
    machine.freeze();
    expect(await seen('link', { from: 'up' })).toMatchObject({ cluster_id: 1, machine_id: 1, to: 'probing' });
    await seen('link', { from: 'probing', to: 'down' });
    machine.freeze(false);
    await seen('link', { from: 'probing', to: 'up' });
  });

  it('hears of capabilities, with the state before', async () => {
    const { machine, seen } = await watched(74);
    machine.setCapability('dialog-dlg-repl', false);
    expect(await seen('capability', { name: 'dialog-dlg-repl' })).toMatchObject({ from: null, to: 'not_synced' });
    machine.setCapability('dialog-dlg-repl', true);
    const change = { cluster_id: 1, machine_id: 1, from: 'not_synced', to: 'synced' };
    expect(await seen('capability', { name: 'dialog-dlg-repl', to: 'synced' })).toMatchObject(change);
  });

  it('hears whom a machine reaches', async () => {
    const { member, machine, seen } = await watched(75, [1, 2]);
    machine.partition(2);
    member.machine(2).partition(1);
    const { neighbours } = await seen('topology', { machine_id: 1 });
    expect(neighbours).toEqual([MEMBER]);
  });

  it('gets the messages of scripts', async () => {
    const { machine, seen } = await watched(76);
    machine.sendExtra(MEMBER, 'generic', generic(1, 'tag-1', 'is 2 there?'));
    const message = { cluster_id: 1, machine_id: 1, reply: false, tag: 'tag-1', message: 'is 2 there?' };
    expect(await seen('message', {})).toMatchObject(message);
    machine.sendExtra(MEMBER, 'generic', generic(0, 'tag-1', 'yes'));
    await seen('message', { reply: true, message: 'yes' });
  });
});

describe('the history', () => {
  it('has links that come up and go down, and no probes', async () => {
    const { service, machine, seen } = await watched(77);
    machine.freeze();
    // The second time, its probe ended as it began.
    await seen('link', { from: 'down', to: 'probing' });
    machine.freeze(false);
    await seen('link', { from: 'probing', to: 'up' });
    const { body } = await service.request('GET', '/history?kind=link');
    expect(body.entries.map((entry: { detail: unknown }) => entry.detail)).toEqual([
      { from: 'down', to: 'up' },
      { from: 'up', to: 'down' },
      { from: 'down', to: 'up' },
    ]);
    expect(body.entries[0]).toMatchObject({ cluster_id: 1, machine_id: 1, cause: null, by: null });
    const logged = service.logLines.filter(({ msg, level }) => msg === 'link changed' && level === 30);
    expect(logged.map(({ from, to }) => `${from} ${to}`)).toEqual(['down up', 'up down', 'down up']);
  });
});

describe('metrics of a fleet', () => {
  it('count links by state, and drops by reason', async () => {
    const { service, machine, seen } = await watched(78, [1, 2]);
    machine.freeze();
    await seen('link', { to: 'down' });
    const links = only(await scrape(service), 'clusterer_links');
    expect(links['{cluster_id="1",state="up"}']).toBe(1);
    expect(Object.values(links).reduce((sum, count) => sum + count, 0)).toBe(2);
    const dropped = only(await scrape(service), 'clusterer_fleet_dropped_total');
    expect(Object.keys(dropped)).not.toEqual([]);
  });
});

describe('calls of OpenSIPS 2.2 in a fleet', () => {
  it('get_nodes lists a disabled machine while another reaches it', async () => {
    const { member, service, machine, seen } = await watched(79, [1, 2]);
    machine.partition(MEMBER);
    await seen('node_state', { to: 'temp_disabled' });
    const { nodes } = (await service.request('GET', '/clusters/1/nodes')).body;
    expect(nodes).toMatchObject([
      { machine_id: 1, state: 'temp_disabled' },
      { machine_id: 2, state: 'up' },
    ]);
    member.machine(2).freeze();
    await seen('node_state', { to: 'temp_disabled', from: 'up' });
    await eventually(async () => (await service.request('GET', '/clusters/1/nodes')).body.nodes.length === 0);
  });

  it('check accepts a source that is the address of another machine', async () => {
    const { service } = await watched(80, [1, 2]);
    const known = async (address: string, id: number) => {
      const { body } = await service.request('GET', `/clusters/1/check?address=${address}&server_id=${id}`);
      return body.known;
    };
    expect(await known('127.0.80.2', 1)).toBe(true);
    expect(await known('127.0.80.3', 1)).toBe(false);
    expect(await known('127.0.80.2', 3)).toBe(false);
  });
});

describe('a cluster that is joined without a row', () => {
  it('is listed, and its machines get a row only after the service has one', async () => {
    const { service, fleet, url } = await joined(81);
    expect((await service.request('GET', '/clusters')).body.clusters).toMatchObject([{ cluster_id: 1, nodes: 2 }]);
    const path = '/clusters/1/machines/2';
    const row = { url: fleet[1]?.url ?? '', description: 'sip-2' };
    expect((await service.request('PUT', path, row)).body).toMatchObject({ status: 409, code: 'not_a_member' });
    const deleted = (await service.request('DELETE', path)).body;
    expect(deleted).toMatchObject({ status: 404, detail: expect.stringContaining('has no row in the table') });
    await service.request('PUT', `${path}/status`, { status: 'down' });
    expect((await service.request('GET', path)).body).toMatchObject({ learned: true, state: 'down' });

    await service.provision(1, MEMBER, url);
    expect((await service.request('PUT', path, row)).status).toBe(201);
    const { body } = await service.request('GET', path);
    expect(body).toMatchObject({ description: 'sip-2', state: 'down', dialect: '2.4' });
    expect(body.clusterer_id).toBeGreaterThan(0);
    expect(body).not.toHaveProperty('learned');
    await service.request('POST', '/reload');
    expect((await service.request('GET', '/clusters/1/machines/1')).body).toMatchObject({ learned: true });
  });

  it('that removes the service says so in the log, with what to do', async () => {
    const { service, fleet } = await joined(84);
    fleet[0]?.sendExtra(MEMBER, 'removeNode', Buffer.from([MEMBER, 0, 0, 0]));
    const line = await service.logLine({ level: 40, cluster_id: 1 });
    expect(line.msg).toContain('restart the service to join again');
    const { body } = await service.request('GET', '/clusters/1/machines/1');
    expect(body).toMatchObject({ link: 'down', next_hop: null });
  });
});
