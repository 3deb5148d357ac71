import type { Socket } from 'node:net';
import { connectBy } from '../../src/client/connect.js';
import { connect } from '../../src/client/node.js';
import { dialFromNode } from '../../src/client/transport/node-socket.js';
import type { Dial } from '../../src/client/transport/socket.js';
import { connectPeer, disconnectPeersAfterEach, packetBytes } from '../support/peers/bin-peer.js';
import { closeClientsAfterEach, keepClient, Recorder, RecordingModule } from '../support/peers/client.js';
import {
  answerRequests,
  notify,
  stopStrangeServicesAfterEach,
  strangeService,
  welcome,
} from '../support/peers/strange-service.js';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';

jest.setTimeout(60_000);
closeClientsAfterEach();
stopServicesAfterEach();
disconnectPeersAfterEach();
stopStrangeServicesAfterEach();

const UL = { module: 'ul', timeout: 0, authCheck: false, clusterId: 0 };
/** One megabyte. */
const BURST = Buffer.concat(Array.from({ length: 100 }, () => packetBytes({ payload: Buffer.alloc(10_000) })));
const SUBPROTOCOLS = ['clusterer.v1', 'clusterer.v1.bin'] as const;

const upTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1);

/** Sends this many bursts, each after the service has the previous one. */
async function feed(service: TestService, peer: Socket, bursts: number): Promise<void> {
  for (let i = 1; i <= bursts; i++) {
    peer.write(BURST);
    for (;;) {
      const { modules } = (await service.request('GET', '/modules')).body;
      if (modules[0]?.packets >= i * 100) break;
    }
  }
}

/** Blocks handlers until `open`. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** Like a browser, this cannot stop reading. */
const dialWithoutPause: Dial = (endpoint, events) => {
  const { send, close, abandon } = dialFromNode(endpoint, events);
  return { send, close, abandon };
};

describe.each(SUBPROTOCOLS)('a module on %s whose handlers are slow', (subprotocol) => {
  it('stops reading, and gets everything once when they go on', async () => {
    const service = await startService();
    let read = 0;
    const counting: Dial = (endpoint, events) => {
      const message = (data: string | Uint8Array) => {
        read += data.length;
        events.message(data);
      };
      return dialFromNode(endpoint, { ...events, message });
    };
    const client = keepClient(await connectBy(counting)(service.httpUrl, { subprotocol }));
    const { opened, open } = gate();
    const module = new RecordingModule(() => opened);
    await client.registerModule(UL, module.handlers);
    const other = new RecordingModule();
    await keepClient(await connect(service.httpUrl, { subprotocol })).registerModule(UL, other.handlers);
    await feed(service, await connectPeer(service), 11);
    await other.untilPackets(1100);
    expect(read).toBeLessThan(6_000_000);
    open();
    await module.untilPackets(1100);
    expect(module.seqs).toEqual(upTo(1100));
    expect(service.logLines.filter(({ code }) => code === 4008)).toEqual([]);
    expect(module.gaps).toEqual([]);
  });

  it('gets everything once, even if its connection was closed as a slow consumer', async () => {
    const service = await startService({ CLUSTERER_WS_QUEUE_BYTES: '2000000' });
    const client = keepClient(await connect(service.httpUrl, { subprotocol }));
    const { opened, open } = gate();
    const module = new RecordingModule(() => opened);
    await client.registerModule(UL, module.handlers);
    const peer = await connectPeer(service);
    let bursts = 0;
    const closed = service.logLine({ code: 4008 }).then(() => true);
    while (!(await Promise.race([closed, Promise.resolve(false)])) && bursts < 30) {
      peer.write(BURST);
      bursts++;
      for (;;) {
        const { modules } = (await service.request('GET', '/modules')).body;
        if (modules[0]?.packets >= bursts * 100) break;
      }
    }
    open();
    await module.untilPackets(bursts * 100);
    expect(module.seqs).toEqual(upTo(bursts * 100));
    expect(module.gaps).toEqual([]);
  });

  it('gets answers to calls in handlers, however much waits, and gets everything once', async () => {
    const service = await startService();
    const client = keepClient(await connect(service.httpUrl, { subprotocol }));
    const { opened, open } = gate();
    const module = new RecordingModule(async () => {
      await opened;
      await client.listNodes();
    });
    await client.registerModule(UL, module.handlers);
    await feed(service, await connectPeer(service), 11);
    open();
    await module.untilPackets(1100);
    expect(module.seqs).toEqual(upTo(1100));
    expect(module.gaps).toEqual([]);
  });

  it('requests skipped events again if it cannot stop reading', async () => {
    const service = await startService();
    const client = keepClient(await connectBy(dialWithoutPause)(service.httpUrl, { subprotocol }));
    const { opened, open } = gate();
    const module = new RecordingModule(() => opened);
    await client.registerModule(UL, module.handlers);
    await feed(service, await connectPeer(service), 15);
    await client.listNodes();
    open();
    await module.untilPackets(1500);
    expect(module.seqs).toEqual(upTo(1500));
    expect(module.gaps).toEqual([]);
    const registered = service.logLines.filter(({ msg }) => msg === 'module registered');
    expect(registered).toHaveLength(1);
  });
});

test('a watcher with too many waiting changes gets a new snapshot', async () => {
  let snapshots = 0;
  const url = await strangeService((socket) => {
    welcome(socket);
    answerRequests(socket, (method) => {
      if (method !== 'watch') return {};
      const first = snapshots++ * 1000;
      // After the answer: ten megabytes the first time.
      setImmediate(() => {
        const description = 'x'.repeat(first === 0 ? 100_000 : 1);
        for (let i = 1; i <= 100; i++) {
          notify(socket, 'machine_changed', { seq: first + i, machine: { cluster_id: 1, description } });
        }
      });
      return { seq: first, nodes: [], modules: [] };
    });
  });
  const client = keepClient(await connectBy(dialWithoutPause)(url));
  const { opened, open } = gate();
  const heard = new Recorder<readonly [string, number]>();
  await client.watch(
    { clusterId: 1 },
    {
      snapshot: ({ seq }) => {
        heard.add(['snapshot', seq]);
        return opened;
      },
      change: ({ params }) => heard.add(['change', params.seq]),
    },
  );
  await heard.first();
  // Everything before this answer has been handled.
  await client.listNodes();
  open();
  const all = await heard.until((them) => them.at(-1)?.[1] === 1100 && them);
  const again = all.findIndex(([name, seq]) => name === 'snapshot' && seq === 1000);
  expect(again).toBeGreaterThan(50);
  expect(again).toBeLessThan(101);
  expect(all.slice(0, again).map(([, seq]) => seq)).toEqual(upTo(again).map((i) => i - 1));
  expect(all.slice(again).map(([, seq]) => seq)).toEqual(upTo(101).map((i) => i + 999));
});
