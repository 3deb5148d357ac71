import { SYSTEM } from '../../../src/service/actor.js';
import type { ClusterService } from '../../../src/service/cluster-service.js';
import { TwoServices } from '../../support/replicas/two-services.js';

const ALICE = { name: 'alice', role: 'operate' as const };

async function kindsOf(service: ClusterService): Promise<string[]> {
  return (await service.history.newest({}, 100)).map(({ kind }) => kind).reverse();
}

describe('a replica that becomes the leader', () => {
  it('writes the history that the one before it has not written, each entry once', async () => {
    const { replicas, one, two } = await TwoServices.start();
    await one.provisioner.create(1, 2, { url: 'bin:10.0.0.2:5555' }, ALICE);
    await replicas.pass(1_000);
    const { store } = (await replicas.tables()).history;
    expect((await store.newest({}, 100)).map(({ kind }) => kind)).toEqual(['provisioning', 'reload']);

    await one.status.setStatus({ clusterId: 1, machineId: 2 }, { status: 'down' }, ALICE);
    await replicas.takeOver(two);
    await replicas.pass(1_000);

    const stored = await store.newest({}, 100);
    expect(stored.map(({ kind, by }) => [kind, by])).toEqual([
      ['node_state', 'alice'],
      ['provisioning', 'alice'],
      ['reload', null],
    ]);
    expect(await two.history.newest({}, 100)).toEqual(stored);
    expect(await one.history.newest({}, 100)).toEqual(stored);
  });

  it('has shown what the leader recorded before it was in the table', async () => {
    const { one, two } = await TwoServices.start();
    await one.provisioner.create(1, 2, { url: 'bin:10.0.0.2:5555' }, ALICE);
    expect(await kindsOf(one)).toEqual(['reload', 'provisioning']);
    expect(await two.history.newest({}, 100)).toEqual(await one.history.newest({}, 100));
  });

  it('has told its watchers of reloads, as the leader has', async () => {
    const { one, two } = await TwoServices.start();
    const told: string[] = [];
    for (const service of [one, two]) service.changes.watch(null, ({ json, method }) => told.push(`${method} ${json}`));
    await one.loader.reload(SYSTEM);
    expect(told).toHaveLength(2);
    expect(told[0]).toMatch(/^nodes_reloaded /);
    expect(told[1]).toBe(told[0]);
  });

  it('writes the drains that the one before it has not written, and none that it has removed', async () => {
    const { replicas, one, two } = await TwoServices.start();
    for (const id of [2, 3]) await one.provisioner.create(1, id, { url: `bin:10.0.0.${id}:5555` }, ALICE);
    const { drains } = await replicas.tables();
    const drain = (machineId: number) =>
      replicas.append('one', { type: 'drain', clusterId: 1, machineId, reason: 'kernel', until: null, by: 'alice' });
    drain(3);
    await replicas.pass(1_000);
    await one.provisioner.remove(1, 3, null, ALICE);
    await replicas.pass(1_000);
    expect(await drains.load()).toEqual([]);

    replicas.nobodyLeads();
    drain(2);
    await replicas.pass(1_000);
    expect(await drains.load()).toEqual([]);
    await replicas.takeOver(two);
    await replicas.pass(1_000);
    expect(await drains.load()).toMatchObject([{ machineId: 2, drain: { reason: 'kernel' } }]);
    const drainsOf = async (service: ClusterService) => (await kindsOf(service)).filter((kind) => kind === 'drain');
    expect(await drainsOf(two)).toEqual(['drain', 'drain']);
  });
});
