import type { Client, WatchHandlers } from '../../src/client/exports.js';
import { Cable } from '../support/peers/cable.js';
import { closeClientsAfterEach, connectClient, Recorder } from '../support/peers/client.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

jest.setTimeout(30_000);
closeClientsAfterEach();
stopServicesAfterEach();

/** Records events in short form: the machines of a snapshot, the method and machine of a change. */
class Watcher extends Recorder<string> {
  readonly seqs: number[] = [];
  readonly handlers: WatchHandlers = {
    snapshot: ({ seq, nodes }) => {
      this.seqs.push(seq);
      this.add(`snapshot ${nodes.map((one) => `${one.cluster_id}/${one.machine_id} ${one.state}`).join(', ')}`);
    },
    change: ({ method, params }) => {
      this.seqs.push(params.seq);
      const machine = 'machine' in params ? ` ${params.machine.cluster_id}/${params.machine.machine_id}` : '';
      this.add(method === 'node_state' ? `${params.to}${machine}` : `${method}${machine}`);
    },
  };
}

function setState(client: Client, clusterId: number, state: 'up' | 'down'): Promise<unknown> {
  return client.setState({ clusterId, machineId: 2, state });
}

async function twoClusters() {
  const service = await startService();
  for (const cluster of [1, 2]) await service.provision(cluster, 2, `bin:127.0.0.${cluster}:5555`);
  return service;
}

describe('a watcher', () => {
  it('gets a snapshot first, and then the changes', async () => {
    const service = await twoClusters();
    const client = await connectClient(service.httpUrl);
    const watcher = new Watcher();
    await client.watch({}, watcher.handlers);
    await setState(client, 2, 'down');
    await service.provision(1, 3, 'bin:127.0.0.3:5555');
    await client.registerModule({ module: 'ul', timeout: 0, authCheck: false, clusterId: 0 }, {});
    await service.request('POST', '/reload');
    expect(await watcher.first(6)).toEqual([
      'snapshot 1/2 up, 2/2 up',
      'down 2/2',
      'machine_added 1/3',
      'module_registered',
      'up 2/2',
      'nodes_reloaded',
    ]);
  });

  it('of one cluster gets only its changes, each once, however many others watch', async () => {
    const service = await twoClusters();
    const client = await connectClient(service.httpUrl);
    const [one, all, two, oneAgain] = [new Watcher(), new Watcher(), new Watcher(), new Watcher()];
    await client.watch({ clusterId: 1 }, one.handlers);
    await setState(client, 1, 'down');
    await client.watch({}, all.handlers);
    const second = await client.watch({ clusterId: 2 }, two.handlers);
    await client.watch({ clusterId: 1 }, oneAgain.handlers);
    await setState(client, 2, 'down');
    await setState(client, 1, 'up');
    await second.stop();
    await setState(client, 2, 'up');
    await setState(client, 1, 'down');
    expect(await all.first(5)).toEqual(['snapshot 1/2 down, 2/2 up', 'down 2/2', 'up 1/2', 'up 2/2', 'down 1/2']);
    expect(await one.first(4)).toEqual(['snapshot 1/2 up', 'down 1/2', 'up 1/2', 'down 1/2']);
    expect(await oneAgain.first(3)).toEqual(['snapshot 1/2 down', 'up 1/2', 'down 1/2']);
    expect(two.all).toEqual(['snapshot 2/2 up', 'down 2/2']);
  });

  it('that stops does not affect another one of the same cluster', async () => {
    const service = await twoClusters();
    const client = await connectClient(service.httpUrl);
    const [first, second] = [new Watcher(), new Watcher()];
    const watch = await client.watch({ clusterId: 1 }, first.handlers);
    const other = await client.watch({ clusterId: 1 }, second.handlers);
    await first.first();
    await watch.stop();
    await setState(client, 1, 'down');
    expect(await second.first(2)).toEqual(['snapshot 1/2 up', 'down 1/2']);
    await other.stop();
    await setState(client, 1, 'up');
    expect([first.all, second.all.length]).toEqual([['snapshot 1/2 up'], 2]);
  });

  it('gets a new snapshot after a lost connection, and goes on', async () => {
    const service = await twoClusters();
    const cable = new Cable(service.httpUrl);
    const client = await connectClient(await cable.join());
    const other = await connectClient(service.httpUrl);
    const watcher = new Watcher();
    await client.watch({ clusterId: 1 }, watcher.handlers);
    await setState(other, 1, 'down');
    await watcher.first(2);
    await cable.cut();
    await setState(other, 1, 'up');
    await setState(other, 1, 'down');
    await cable.join();
    await watcher.first(3);
    await setState(other, 1, 'up');
    expect(await watcher.first(4)).toEqual(['snapshot 1/2 up', 'down 1/2', 'snapshot 1/2 down', 'up 1/2']);
    await client.close();
    await cable.cut();
  });
});
