import type { Resolver } from '../../src/service/ports/resolver.js';
import { allLinked, endFleetAfterEach, machineOf, startFleet } from '../support/fleet/fleet.js';
import { linked, MEMBER, startMember } from '../support/fleet/member.js';
import { freePort } from '../support/service/free-port.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

stopServicesAfterEach();
endFleetAfterEach();

const UL = 'usrloc-contact-repl';

/** The type of an announcement of capabilities from 3.2 on. */
const CAPABILITIES = 9;

const isMachine = (machine: unknown, id: number) => (machine as { machine_id: number }).machine_id === id;
const FAMILIES = ['C1', 'C2', 'C3', 'D1', 'D2', 'E'] as const;

describe('a member of a fleet', () => {
  it('has links to machines of all families, of both kinds of pinging', async () => {
    const member = await startMember(
      60,
      FAMILIES.map((family, i) => ({ id: i + 1, family, pingsWhenIdle: family === 'E', capabilities: { [UL]: true } })),
    );
    await linked(member);
    expect(await member.shown(6)).toMatchObject({ dialect: '2.4', state: 'up', link: 'up', next_hop: 6 });
  });

  it('shows what a machine is: its releases and its capabilities', async () => {
    const member = await startMember(61, [
      { id: 1, family: 'E', capabilities: { [UL]: true, 'dialog-dlg-repl': false } },
    ]);
    await linked(member);
    const socket = await member.service.socket();
    await socket.call('watch', {});
    await socket.until(
      ({ notifications }) =>
        notifications.some(({ method }) => method === 'capability') ||
        member.machine(1).topology.capabilities.has(MEMBER),
    );
    expect(await member.shown(1)).toMatchObject({
      releases: '3.3-4.0',
      capabilities: [
        { name: 'dialog-dlg-repl', state: 'not_synced' },
        { name: UL, state: 'synced' },
      ],
    });
  });

  it('disables a machine that dies after its limit of pings, and enables it when it answers again', async () => {
    const member = await startMember(62, [{ id: 1 }, { id: 2 }]);
    await linked(member);
    const socket = await member.service.socket();
    await socket.call('watch', { cluster_id: 1 });
    member.machine(1).freeze();
    const down = await socket.until(({ notifications }) => notifications.find(({ method }) => method === 'node_state'));
    expect(down.params).toMatchObject({ from: 'up', to: 'temp_disabled', cause: 'ping_failed' });
    expect(await member.shown(1)).toMatchObject({ state: 'temp_disabled', no_tries: 3 });
    member.machine(1).freeze(false);
    const up = await socket.until(
      ({ notifications }) => notifications.filter(({ method }) => method === 'node_state')[1],
    );
    expect(up.params).toMatchObject({ from: 'temp_disabled', to: 'up', cause: 'link_up' });
  });

  it('carries packets between two machines that do not reach each other', async () => {
    const capabilities = { [UL]: true };
    const member = await startMember(
      63,
      [1, 2].map((id) => ({ id, capabilities })),
    );
    await linked(member);
    const [first, second] = [member.machine(1), member.machine(2)];
    first.partition(2);
    second.partition(1);
    await first.until(() => !first.links.isUp(2) && first.topology.nextHop(2) === MEMBER);
    first.send(2, { capability: UL, version: 5, type: 4, body: Buffer.from('any body') });
    await second.until(() => second.packets(UL).length === 1);
    expect(second.packets(UL)[0]).toMatchObject({ origin: 1, destination: 2, type: 4, version: 5 });
  });

  it('reaches a machine through another when its own link is down', async () => {
    const member = await startMember(64, [{ id: 1 }, { id: 2 }]);
    await linked(member);
    const socket = await member.service.socket();
    await socket.call('watch', { cluster_id: 1 });
    member.machine(1).partition(MEMBER);
    await socket.until(({ notifications }) =>
      notifications.some(({ method, params }) => method === 'link' && params.machine_id === 1 && params.to !== 'up'),
    );
    expect(await member.shown(1)).toMatchObject({ next_hop: 2 });
  });

  it('announces the capabilities of its modules as not synced, once more when it stops', async () => {
    const member = await startMember(65, [{ id: 1, capabilities: { [UL]: true } }]);
    await linked(member);
    const machine = member.machine(1);
    const socket = await member.service.socket();
    await socket.call('register_module', {
      module: 'ul',
      protocol: 'bin',
      timeout: 0,
      auth_check: true,
      cluster_id: 1,
    });
    await machine.until(() => machine.topology.capabilities.get(MEMBER)?.has(UL) === true);
    expect(machine.topology.capabilities.get(MEMBER)).toEqual(new Map([[UL, false]]));
    const announcements = () => machine.received.filter((one) => 'path' in one && one.type === CAPABILITIES);
    const before = announcements().length;
    await member.service.stop();
    await machine.until(() => announcements().length > before);
    expect(machine.topology.capabilities.get(MEMBER)).toEqual(new Map([[UL, false]]));
  });

  it('is pinged back at once by a machine that starts after it', async () => {
    const member = await startMember(66, [{ id: 1 }]);
    await linked(member);
    const machine = member.machine(1);
    machine.rows = [{ id: MEMBER, url: member.url }];
    await machine.kill();
    await machine.start();
    await machine.until(() => machine.links.isUp(MEMBER));
  });

  it('keeps its sequence numbers over a restart, so that its floods are accepted', async () => {
    const member = await startMember(67, [{ id: 1 }, { id: 2 }]);
    await linked(member);
    const [first] = member.fleet;
    await member.service.stop();
    await first?.until(() => !first.links.isUp(MEMBER));
    await member.service.start();
    await first?.until(() => first.links.isUp(MEMBER) && first.topology.neighbours.get(MEMBER)?.has(2) === true);
  });
});

describe('a member without a row', () => {
  it('joins through a neighbour, and learns the others', async () => {
    const host = '127.0.70.9';
    const port = await freePort();
    const fleet = await startFleet([1, 2].map((id) => ({ id, host: `127.0.70.${id}`, joins: true })));
    await allLinked(fleet);
    const service = await startService({
      CLUSTERER_SERVER_ID: '9',
      CLUSTERER_BIN_HOST: host,
      CLUSTERER_BIN_PORT: String(port),
      CLUSTERER_JOIN: `1=${fleet[0]?.url}`,
      CLUSTERER_ADVERTISE_URL: `bin:${host}:${port}`,
    });
    await allLinked(fleet, [1, 2, 9]);
    const { body } = await service.request('GET', '/nodes');
    expect(body.nodes).toMatchObject([
      { clusterer_id: 0, machine_id: 1, learned: true, dialect: '2.4' },
      { clusterer_id: 0, machine_id: 2, learned: true, dialect: '2.4' },
    ]);
  });

  it('joins through a host name, and finds the addresses of machines that were learned by name', async () => {
    const host = '127.0.72.9';
    const port = await freePort();
    const [first] = await startFleet([{ id: 1, host: '127.0.72.1', joins: true }]);
    const name = 'one.example';
    let failures = 0;
    // The first lookup after the ping to its url, that of the learned machine, fails and is repeated.
    const resolver: Resolver = {
      resolve: async (wanted) => {
        if (wanted === name && first?.received.length !== 0 && failures++ === 0) return { ips: [], fault: 'ENOTFOUND' };
        return { ips: [wanted === name ? '127.0.72.1' : wanted], fault: null };
      },
    };
    const environment = {
      CLUSTERER_SERVER_ID: '9',
      CLUSTERER_BIN_HOST: host,
      CLUSTERER_BIN_PORT: String(port),
      CLUSTERER_JOIN: `1=${first?.url.replace('127.0.72.1', name)}`,
      CLUSTERER_ADVERTISE_URL: `bin:${host}:${port}`,
    };
    const service = await startService(environment, { resolver });
    await service.logLine({ msg: 'host lookup failed; machine without an address', host: name });
    await first?.until(() => first.links.isUp(9));
    const { body } = await service.request('GET', '/clusters/1/machines/1');
    expect(body).toMatchObject({ learned: true, address: first?.url.replace('bin:', '') });
  });
});

describe('a member that joins where nobody answers', () => {
  it('says so, with what to check', async () => {
    const url = `bin:127.0.68.1:${await freePort()}`;
    const service = await startService({
      CLUSTERER_SERVER_ID: '9',
      CLUSTERER_BIN_HOST: '127.0.68.9',
      CLUSTERER_BIN_PORT: String(await freePort()),
      CLUSTERER_JOIN: `1=${url}`,
      CLUSTERER_ADVERTISE_URL: 'bin:127.0.68.9:5566',
      CLUSTERER_PING_INTERVAL_SECONDS: '1',
    });
    const line = await service.logLine({ cluster_id: 1, url });
    expect(line.msg).toMatch(/nobody answers at this url of CLUSTERER_JOIN/);
  });
});

describe('a learned machine that is drained', () => {
  it('stays so when the service restarts and learns it again', async () => {
    const host = '127.0.69.9';
    const port = await freePort();
    const fleet = await startFleet([1, 2].map((id) => ({ id, host: `127.0.69.${id}`, joins: true })));
    await allLinked(fleet);
    const service = await startService({
      CLUSTERER_SERVER_ID: '9',
      CLUSTERER_BIN_HOST: host,
      CLUSTERER_BIN_PORT: String(port),
      CLUSTERER_JOIN: `1=${fleet[0]?.url}`,
      CLUSTERER_ADVERTISE_URL: `bin:${host}:${port}`,
    });
    await allLinked(fleet, [1, 2, 9]);
    const drained = await service.request('PUT', '/clusters/1/machines/2/status', { status: 'down', reason: 'update' });
    expect(drained.status).toBe(200);
    await service.stop();
    await service.start();
    const socket = await service.socket();
    await socket.call('watch', { cluster_id: 1 });
    const isKnown = (await service.request('GET', '/clusters/1/machines/2')).status === 200;
    await socket.until(
      ({ notifications }) =>
        isKnown ||
        notifications.some(({ method, params }) => method === 'machine_added' && isMachine(params.machine, 2)),
    );
    const { body } = await service.request('GET', '/clusters/1/machines/2');
    expect(body).toMatchObject({ state: 'down', learned: true, link: 'down', drain: { reason: 'update' } });
  });
});

describe('packets of another dialect', () => {
  it('are rejected and named, whichever cluster they come to', async () => {
    const member = await startMember(71, [{ id: 1 }]);
    await linked(member);
    const stranger = machineOf({ id: 1, host: '127.0.71.1', clusterId: 5, knows: [{ id: MEMBER, url: member.url }] });
    await stranger.start();
    const line = await member.service.logLine({ fault: 'other_dialect' });
    expect(JSON.stringify(line)).toContain('CLUSTERER_DIALECT');
    const { text } = await member.service.request('GET', '/metrics');
    expect(text).toMatch(/^clusterer_other_dialect_total\{cluster_id="unknown"\} [1-9]/m);
  });
});
