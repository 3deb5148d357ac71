import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { packetBytes } from '../support/peers/bin-peer.js';
import { EventStream } from '../support/peers/event-stream.js';
import { SocketClient } from '../support/peers/socket-client.js';
import { eventually } from '../support/service/eventually.js';
import { endProcessesAfterEach, ServiceProcess } from '../support/service/service-process.js';
import { Table, withTable } from '../support/tables/table.js';

/** A start takes 1 s on an idle machine. */
jest.setTimeout(30_000);
endProcessesAfterEach();

async function call(http: string, method: string, path: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${http}${path}`, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
}

const setDown = (http: string, machineId: number) =>
  call(http, 'PUT', `/clusters/1/machines/${machineId}/status`, { status: 'down' });

/** Polls until the service reports the status: 200 while it works, 503 while it stops. */
async function untilReadiness(http: string, wanted: 'degraded' | 'stopping'): Promise<void> {
  await eventually(async () => {
    const answer = await fetch(`${http}/readyz`);
    const { status } = (await answer.json()) as { status: string };
    if (status !== wanted) return false;
    expect(answer.status).toBe(wanted === 'stopping' ? 503 : 200);
    return true;
  });
}

const statesIn = (databaseFile: string) => withTable({ databaseFile }, (table) => table.states());

describe('a stop', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s writes pending changes, sends going_away to sockets and exits with 0 at once',
    async (signal) => {
      const service = new ServiceProcess({ CLUSTERER_PERSISTENT_MODE: '1', CLUSTERER_SYNC_INTERVAL_MS: '60000' });
      const { http, bin } = await service.listening();
      const machine = createServer().listen(0, '127.0.0.1');
      await once(machine, 'listening');
      const { port } = machine.address() as AddressInfo;
      await call(http, 'POST', '/clusters/1/machines', { machine_id: 2, url: `bin:127.0.0.1:${port}` });
      await call(http, 'POST', '/clusters/1/machines', { machine_id: 3, url: 'bin:127.0.0.3:5555' });
      const accepted = once(machine, 'connection') as Promise<[Socket]>;
      await call(http, 'POST', '/clusters/1/packets', { module: 'ul', packet_type: 1 });
      const [outgoing] = await accepted;
      const outgoingClosed = once(outgoing.resume(), 'close');
      const client = await SocketClient.open(`${http.replace('http', 'ws')}/ws`);
      const [host = '', binPort] = bin.split(':');
      const peer = connect(Number(binPort), host).resume();
      const peerClosed = new Promise((resolve) => peer.on('error', () => {}).once('close', resolve));
      await once(peer, 'connect');
      await setDown(http, 3);

      const stoppedAt = performance.now();
      service.child.kill(signal);

      const [goodbye] = await client.first('going_away');
      expect(goodbye?.reconnect_after_ms).toBeGreaterThanOrEqual(0);
      expect((await client.closed).code).toBe(1001);
      expect(await service.exited).toBe(0);
      expect(performance.now() - stoppedAt).toBeLessThan(3_000);
      await Promise.all([peerClosed, outgoingClosed]);
      machine.close();
      const [first, second] = await statesIn(service.databaseFile);
      expect(first).toEqual([2, 1, 0, 0]);
      expect(second?.slice(0, 2)).toEqual([3, 0]);
    },
  );

  it('does not wait for a client that has stopped reading', async () => {
    const service = new ServiceProcess();
    const { http } = await service.listening();
    const client = await SocketClient.open(`${http.replace('http', 'ws')}/ws`);
    client.socket.pause();
    const half = connect(Number(new URL(http).port), '127.0.0.1');
    half.on('error', () => {}).write('POST /reload HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n');
    await once(half, 'connect');
    const stoppedAt = performance.now();
    service.child.kill('SIGTERM');
    expect(await service.exited).toBe(0);
    expect(performance.now() - stoppedAt).toBeLessThan(4_000);
    client.socket.terminate();
  });

  it('does not wait for any client, and sends every reading client the time to reconnect', async () => {
    const service = new ServiceProcess({ CLUSTERER_PERSISTENT_MODE: '1', CLUSTERER_SYNC_INTERVAL_MS: '60000' });
    const { http, bin } = await service.listening();
    await call(http, 'POST', '/clusters/1/machines', { machine_id: 2, url: 'bin:127.0.0.2:5555' });
    const url = `${http.replace('http', 'ws')}/ws`;
    const ul = { module: 'ul', protocol: 'bin', timeout: 0, auth_check: false, cluster_id: 0 };
    const open = (protocol: string) => SocketClient.open(url, [protocol]);
    const sockets = await Promise.all(
      ['clusterer.v1', 'clusterer.v1.bin', 'clusterer.v1', 'clusterer.v1.bin'].map(open),
    );
    await Promise.all(sockets.map((socket) => socket.call('register_module', ul)));
    const streams = await Promise.all([EventStream.open(`${http}/events`), EventStream.open(`${http}/events`)]);
    const [host = '', binPort] = bin.split(':');
    const peers = [1, 2].map(() =>
      connect(Number(binPort), host)
        .on('error', () => {})
        .resume(),
    );
    // More than the kernel buffers for clients that do not read.
    for (const one of [...sockets.slice(2).map(({ socket }) => socket), ...streams.slice(1)]) one.pause();
    const packets = Buffer.concat(Array.from({ length: 1000 }, () => packetBytes({ payload: Buffer.alloc(10_000) })));
    peers[0]?.write(packets);
    await Promise.all(sockets.slice(0, 2).map((socket) => socket.until(({ frames }) => frames.length > 20)));
    await setDown(http, 2);

    const stoppedAt = performance.now();
    service.child.kill('SIGTERM');
    for (const socket of sockets.slice(0, 2)) {
      const [goodbye] = await socket.first('going_away');
      expect(goodbye?.reconnect_after_ms).toBeGreaterThan(0);
      expect((await socket.closed).code).toBe(1001);
    }
    await streams[0]?.closed;
    expect(streams[0]?.events.at(-1)?.event).toBe('going_away');
    expect(await service.exited).toBe(0);
    expect(performance.now() - stoppedAt).toBeLessThan(4_000);
    expect(await statesIn(service.databaseFile)).toEqual([[2, 0, 0, 0]]);
    for (const { socket } of sockets) socket.terminate();
    for (const peer of peers) peer.destroy();
    for (const stream of streams) stream.close();
  });

  it('that is requested twice, as by Ctrl-C with npm, is one stop', async () => {
    const service = new ServiceProcess({ CLUSTERER_PERSISTENT_MODE: '1', CLUSTERER_SYNC_INTERVAL_MS: '60000' });
    const { http } = await service.listening();
    await call(http, 'POST', '/clusters/1/machines', { machine_id: 2, url: 'bin:127.0.0.2:5555' });
    await setDown(http, 2);
    const table = await Table.open(service.databaseFile);
    const unlock = await table.lock();
    service.child.kill('SIGINT');
    await service.logLine({ msg: 'stopping' });
    service.child.kill('SIGINT');
    service.child.kill('SIGTERM');
    await unlock();
    await table.close();
    expect(await service.exited).toBe(0);
    expect(await statesIn(service.databaseFile)).toEqual([[2, 0, 0, 0]]);
  });

  it('finishes the request in progress', async () => {
    const service = new ServiceProcess({ CLUSTERER_BIN_CONNECT_TIMEOUT_MS: '500' });
    const { http } = await service.listening();
    // Never completes a handshake: its queue of connections is full.
    const deaf = createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 });
    await once(deaf, 'listening');
    const { port } = deaf.address() as AddressInfo;
    await call(http, 'POST', '/clusters/1/machines', { machine_id: 2, url: `bin:127.0.0.1:${port}` });
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ module: 'ul', packet_type: 1 });
    const answer = fetch(`${http}/clusters/1/packets`, { method: 'POST', headers, body });
    await once(deaf, 'connection');
    service.child.kill('SIGTERM');
    expect(await (await answer).json()).toEqual({ results: [{ machine_id: 2, sent: true }] });
    expect(await service.exited).toBe(0);
    deaf.close();
  });

  it('reports `stopping` while it finishes requests in progress', async () => {
    const service = new ServiceProcess();
    const { http } = await service.listening();
    const table = await Table.open(service.databaseFile);
    const unlock = await table.lock();
    const provisioned = call(http, 'POST', '/clusters/1/machines', { machine_id: 2, url: 'bin:127.0.0.2:5555' });
    await untilReadiness(http, 'degraded');
    service.child.kill('SIGTERM');
    await untilReadiness(http, 'stopping');
    await unlock();
    await table.close();
    await provisioned;
    expect(await service.exited).toBe(0);
    expect(await statesIn(service.databaseFile)).toEqual([[2, 1, 0, 0]]);
  });

  it('that cannot write logs that changes are lost, and exits with 1', async () => {
    const service = new ServiceProcess({ CLUSTERER_PERSISTENT_MODE: '1', CLUSTERER_SYNC_INTERVAL_MS: '60000' });
    const { http } = await service.listening();
    await call(http, 'POST', '/clusters/1/machines', { machine_id: 2, url: 'bin:127.0.0.2:5555' });
    await setDown(http, 2);
    await withTable(service, (table) => table.run('ALTER TABLE clusterer RENAME TO elsewhere'));
    service.child.kill('SIGTERM');
    expect(await service.exited).toBe(1);
    expect(service.logLines).toContainEqual(
      expect.objectContaining({ unwritten: 1, msg: 'table write failed at the stop; changes lost' }),
    );
  });
});

test('a killed process loses at most one sync interval', async () => {
  const service = new ServiceProcess({
    CLUSTERER_PERSISTENT_MODE: '1',
    CLUSTERER_SYNC_INTERVAL_MS: '100',
    CLUSTERER_LOG_LEVEL: 'debug',
  });
  const { http } = await service.listening();
  for (const machine_id of [2, 3]) {
    await call(http, 'POST', '/clusters/1/machines', { machine_id, url: `bin:127.0.0.${machine_id}:5555` });
  }
  await setDown(http, 2);
  await service.logLine({ msg: 'changed rows written', rows: 1 });
  await setDown(http, 3);
  service.child.kill('SIGKILL');
  expect(await service.exited).toBe('SIGKILL');
  const [first] = await statesIn(service.databaseFile);
  expect(first).toEqual([2, 0, 0, 0]);
});

test('an idle process uses almost no processor time', async () => {
  const service = new ServiceProcess({ CLUSTERER_PERSISTENT_MODE: '1' });
  const { http } = await service.listening();
  await call(http, 'POST', '/clusters/1/machines', { machine_id: 2, url: 'bin:127.0.0.2:5555' });
  // The start leaves some work, such as garbage collections of V8. A process that is busy by itself has no quiet window at all.
  for (let used = Number.POSITIVE_INFINITY; used > 4; ) {
    const before = service.processorTicks;
    await once(AbortSignal.timeout(2_000), 'abort');
    used = service.processorTicks - before;
  }
});
