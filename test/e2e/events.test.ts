import { EventStream } from '../support/peers/event-stream.js';
import type { SocketClient } from '../support/peers/socket-client.js';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';

stopServicesAfterEach();

const open: EventStream[] = [];
afterEach(() => {
  for (const stream of open.splice(0)) stream.close();
});

async function events(service: TestService, query = '', lastEventId?: string | null): Promise<EventStream> {
  const headers = lastEventId ? { 'last-event-id': lastEventId } : {};
  const stream = await EventStream.open(`${service.httpUrl}/events${query}`, headers);
  open.push(stream);
  return stream;
}

const setStatus = (service: TestService, status: string, clusterId = 1) =>
  service.request('PUT', `/clusters/${clusterId}/machines/2/status`, { status });

/** Sets machine 2 of cluster 1 down and up again, fifty times. */
async function changeHundredTimes(client: SocketClient): Promise<void> {
  const batch = Array.from({ length: 100 }, (_, id) => {
    return { jsonrpc: '2.0', id, method: 'set_state', params: { cluster_id: 1, machine_id: 2, state: id % 2 } };
  });
  const before = client.frames.length;
  client.socket.send(JSON.stringify(batch));
  await client.until(({ frames }) => frames.length > before);
}

describe('GET /events', () => {
  it('begins with a snapshot, and continues with the stream of watch', async () => {
    const service = await startService();
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    const client = await service.socket();
    const epoch = client.notifications[0]?.params.epoch;
    const stream = await events(service);
    const snapshot = await client.call('watch');
    await setStatus(service, 'down');
    const [first, second] = await stream.first(2);
    expect(first).toMatchObject({ id: `${epoch}:${snapshot.seq}`, event: 'snapshot', data: snapshot });
    const [change] = await client.first('node_state');
    expect(second).toMatchObject({ id: `${epoch}:${snapshot.seq + 1}`, event: 'node_state', data: change });
  });

  it('is an uncached text/event-stream', async () => {
    const service = await startService();
    const controller = new AbortController();
    const { status, headers } = await fetch(`${service.httpUrl}/events`, { signal: controller.signal });
    controller.abort();
    expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([
      200,
      'text/event-stream',
      'no-store',
    ]);
  });

  it('continues after the Last-Event-ID, without a snapshot', async () => {
    const service = await startService();
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    await service.provision(2, 2, 'bin:127.0.0.2:5555');
    const stream = await events(service, '?cluster_id=1');
    stream.close();
    for (const status of ['down', 'up', 'down']) {
      await setStatus(service, status);
      await setStatus(service, status, 2);
    }
    const back = await events(service, '?cluster_id=1', stream.events[0]?.id);
    expect((await back.first(3)).map(({ event, data }) => [event, data.machine.cluster_id, data.to])).toEqual([
      ['node_state', 1, 'down'],
      ['node_state', 1, 'up'],
      ['node_state', 1, 'down'],
    ]);
    const again = await events(service, '?cluster_id=1', back.events[1]?.id);
    await setStatus(service, 'up');
    expect((await again.first(2)).map(({ data }) => data.to)).toEqual(['down', 'up']);
  });

  it('is open at once for a client that comes back and has missed nothing', async () => {
    const service = await startService();
    const stream = await events(service);
    const [snapshot] = await stream.first(1);
    stream.close();
    const controller = new AbortController();
    const headers = { 'last-event-id': snapshot?.id ?? '' };
    // Resolves with the headers; the first heartbeat is 25 s away.
    const { status } = await fetch(`${service.httpUrl}/events`, { headers, signal: controller.signal });
    controller.abort();
    expect(status).toBe(200);
  });

  it.each([
    ['of an earlier process', (epoch: string) => `${epoch}x:1`],
    ['of the future', (epoch: string) => `${epoch}:999`],
    ['that is malformed', () => 'nonsense'],
    ['without a number', (epoch: string) => `${epoch}:`],
  ])('begins with a snapshot for a Last-Event-ID %s', async (_, lastEventId) => {
    const service = await startService();
    const stream = await events(service);
    const [epoch = ''] = stream.events[0]?.id?.split(':') ?? [];
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    const back = await events(service, '', lastEventId(epoch));
    expect(back.events[0]).toMatchObject({ event: 'snapshot', data: { nodes: [{ machine_id: 2 }] } });
  });

  it('begins with a snapshot when the missed changes are no longer kept', async () => {
    const service = await startService();
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    const stream = await events(service);
    const client = await service.socket();
    for (let i = 0; i < 101; i++) {
      await changeHundredTimes(client);
    }
    const back = await events(service, '', stream.events[0]?.id);
    expect(back.events[0]?.event).toBe('snapshot');
  });

  it('is open for a cluster that does not exist yet', async () => {
    const service = await startService();
    const stream = await events(service, '?cluster_id=7');
    expect(stream.events[0]?.data).toEqual({ seq: expect.any(Number), nodes: [], modules: [] });
    await service.provision(7, 2, 'bin:127.0.0.2:5555');
    expect((await stream.first(2))[1]).toMatchObject({ event: 'machine_added', data: { machine: { cluster_id: 7 } } });
  });

  it('refuses a cluster id that is not valid', async () => {
    const answer = await (await startService()).request('GET', '/events?cluster_id=0');
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([400, '/cluster_id']);
  });

  it('closes a stream that does not read, and keeps the others', async () => {
    const service = await startService({ CLUSTERER_WS_QUEUE_BYTES: '100000' });
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    const [slow, quick, client] = [await events(service), await events(service), await service.socket()];
    slow.pause();
    let cut = false;
    void service.logLine({ door: 'http', reason: 'slow_consumer', what: 'GET /events' }).then(() => {
      cut = true;
    });
    for (let sent = 1; !cut; sent++) {
      await changeHundredTimes(client);
      await quick.first(sent * 100);
    }
    slow.resume();
    await slow.closed;
    expect(slow.events.length).toBeLessThan(quick.events.length);
  }, 30_000);

  it('delivers a snapshot that is longer than the queue limit', async () => {
    const service = await startService({ CLUSTERER_WS_QUEUE_BYTES: '1000' });
    const machineIds = Array.from({ length: 200 }, (_, i) => i + 1);
    await Promise.all(machineIds.map((id) => service.provision(1, id, `bin:127.0.0.${id}:5555`)));
    const stream = await events(service);
    expect(stream.events[0]?.data.nodes).toHaveLength(200);
  });

  it('limits the number of open streams', async () => {
    const service = await startService({ CLUSTERER_WS_MAX_CLIENTS: '1' });
    const stream = await events(service);
    const refused = await service.request('GET', '/events');
    expect([refused.status, refused.body.code]).toEqual([503, 'too_many_sockets']);
    stream.close();
    await stream.closed;
    await events(service);
  });

  it('allows GET only', async () => {
    const service = await startService();
    const answer = await fetch(`${service.httpUrl}/events`, { method: 'HEAD' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET']);
  });

  it('says at a stop when to reconnect', async () => {
    const service = await startService();
    const stream = await events(service);
    await service.stop();
    await stream.closed;
    const { event, retry, data } = stream.events.at(-1) ?? {};
    expect([event, retry]).toEqual(['going_away', String(data.reconnect_after_ms)]);
    expect(data.reconnect_after_ms).toBeGreaterThan(0);
    expect(data.reconnect_after_ms).toBeLessThanOrEqual(5000);
  });
});
