import { endFleetAfterEach, startFleet } from '../support/fleet/fleet.js';
import { MEMBER, MEMBER_TIMES } from '../support/fleet/member.js';
import type { SimulatedMachine } from '../support/fleet/node.js';
import type { SocketClient } from '../support/peers/socket-client.js';
import { MovingAddress } from '../support/replicas/moving-address.js';
import type { ReplicaProcess } from '../support/replicas/replica-process.js';
import { describeWithReplicas, ReplicaSet } from '../support/replicas/replica-set.js';
import { eventually } from '../support/service/eventually.js';

jest.setTimeout(60_000);
endFleetAfterEach();

const NET = '127.0.160';
const UL = 'usrloc-contact-repl';

describeWithReplicas('a member of a fleet that is three replicas', () => {
  let set: ReplicaSet;
  let address: MovingAddress;
  let fleet: SimulatedMachine[];
  let follower: ReplicaProcess;

  beforeEach(async () => {
    const host = `${NET}.${MEMBER}`;
    address = await MovingAddress.open(host);
    const url = `bin:${host}:${address.port}`;
    const machines = [1, 2, 3].map((id) => ({ id, host: `${NET}.${id}`, capabilities: { [UL]: false } }));
    fleet = await startFleet(machines, [{ id: MEMBER, url }]);
    set = await ReplicaSet.start({
      environment: {
        CLUSTERER_DIALECT: '2.4',
        CLUSTERER_SERVER_ID: String(MEMBER),
        CLUSTERER_BIN_HOST: host,
        ...MEMBER_TIMES,
      },
    });
    address.moveTo((await set.leader()).bin);
    [follower] = await set.followers();
    await set.provision(follower, 1, MEMBER, url);
    for (const machine of fleet) await set.provision(follower, 1, machine.id, machine.url);
    await linked();
  });
  afterEach(async () => {
    address.close();
    await set?.stop();
  });

  const machine = (id: number) => fleet.find((one) => one.id === id) as SimulatedMachine;
  const isActive = (id: number) => machine(id).tags.get('vip') === 'active';

  const tagAt = async (replica: ReplicaProcess) => (await replica.request('GET', '/clusters/1/tags')).body.tags[0];

  /** Resolves when every machine and the service have told every replica that they are linked. */
  async function linked(): Promise<void> {
    await Promise.all(fleet.map((one) => one.until(() => one.links.isUp(MEMBER))));
    for (const replica of set.running) {
      await eventually(async () => {
        const { nodes } = (await replica.request('GET', '/nodes?cluster_id=1')).body;
        const { machines } = (await replica.request('GET', '/clusters/1/topology')).body;
        return fleet.every(({ id }) => {
          const node = nodes.find((it: { machine_id: number }) => it.machine_id === id);
          const told = machines.find((it: { machine_id: number }) => it.machine_id === id);
          return node?.link === 'up' && told?.neighbours.includes(MEMBER);
        });
      });
    }
  }

  /** Kills the leader, and moves the address to the next one. Resolves when that has its links. */
  async function killLeader(): Promise<void> {
    await (await set.leader()).end();
    await Promise.all(fleet.map((one) => one.until(() => !one.links.isUp(MEMBER))));
    address.moveTo((await set.leader()).bin);
    [follower] = await set.followers();
    await linked();
  }

  /** What a module has received, as `machine_id text`. */
  function texts(client: SocketClient): string[] {
    return client.notifications
      .filter(({ method }) => method === 'packet')
      .map(({ params }) => `${params.machine_id} ${Buffer.from(String(params.payload), 'base64')}`);
  }

  it('keeps taking and sending packets and commands, once each and through any replica, when the leader dies', async () => {
    const module = await follower.socket();
    await module.call('register_module', {
      module: 'ul',
      protocol: 'bin',
      timeout: 0,
      auth_check: true,
      cluster_id: 1,
    });
    const send = (text: string) => machine(1).send(MEMBER, { capability: UL, type: 3, body: Buffer.from(text) });
    expect(send('before')).toBe(true);
    await module.until(() => texts(module).length === 1);
    const toAll = { results: [1, 2, 3].map((machine_id) => ({ machine_id, sent: true })) };
    const sendTo = async (packet_type: number, command: string) => {
      const packet = { module: 'mine', packet_type };
      expect((await follower.request('POST', '/clusters/1/packets', packet)).body).toEqual(toAll);
      expect((await follower.request('POST', '/clusters/1/mi', { command })).body).toEqual(toAll);
    };
    await sendTo(5, 'uptime');

    await killLeader();
    expect(send('after')).toBe(true);
    await module.until(() => texts(module).length === 2);
    expect(texts(module)).toEqual(['1 before', '1 after']);
    await sendTo(6, 'get_statistics');
    for (const one of fleet) {
      const commands = () =>
        one.packets('clusterer-extra').map(({ body }) => /uptime|get_stat/.exec(String(body))?.[0]);
      await one.until(() => commands().length === 2);
      expect(one.packets('mine').map(({ type }) => type)).toEqual([5, 6]);
      expect(commands()).toEqual(['uptime', 'get_stat']);
    }
  });

  it('keeps its sharing tags: a follower gives one to a machine, and the next leader moves it when that machine is lost', async () => {
    const body = { owner: 1, failover: [2, 3], after_seconds: 1 };
    const given = await follower.request('PUT', '/clusters/1/tags/vip', body);
    expect([given.status, given.body.owner, given.body.machines[0]]).toEqual([
      200,
      1,
      { machine_id: 1, state: 'active' },
    ]);
    await killLeader();
    machine(1).freeze();
    await machine(2).until(() => isActive(2));
    for (const replica of set.running) {
      await eventually(async () => (await tagAt(replica)).owner === 2);
    }
    const tag = await tagAt(follower);
    expect(tag).toMatchObject({ managed: true, failover: [2, 3], after_seconds: 1 });
    expect(tag.fence).toBeGreaterThan(given.body.fence);
    // The lost owner still believes that it is active.
    expect(isActive(1)).toBe(true);
    machine(1).freeze(false);
    await machine(1).until(() => !isActive(1));
    expect([isActive(2), isActive(3)]).toEqual([true, false]);
  });
});
