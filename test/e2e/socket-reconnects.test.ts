import { connectPeer, disconnectPeersAfterEach, packetBytes } from '../support/peers/bin-peer.js';
import { SocketClient } from '../support/peers/socket-client.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

stopServicesAfterEach();
disconnectPeersAfterEach();

/** The client catches up after every fifteenth: 150 cover each length of a backlog ten times. */
const RECONNECTS = 150;
const UL = { module: 'ul', protocol: 'bin', timeout: 0, auth_check: false, cluster_id: 1 };
const BURST = Buffer.concat(Array.from({ length: 10 }, () => packetBytes({ payload: Buffer.alloc(200) })));

test.each(['clusterer.v1', 'clusterer.v1.bin'])(
  'connections cut under load neither lose nor repeat a packet on %s',
  async (subprotocol) => {
    const service = await startService({ CLUSTERER_LOG_LEVEL: 'warn' });
    const url = `${service.httpUrl.replace('http', 'ws')}/ws`;
    const peer = await connectPeer(service);
    const seen: number[] = [];
    let client = await SocketClient.open(url, [subprotocol]);
    const ul = await client.call('register_module', UL);
    const { registration, epoch } = ul;
    for (let cuts = 0; cuts < RECONNECTS; cuts++) {
      // Cuts the connection in the middle of a burst, while more comes. Now and then the client catches up.
      peer.write(BURST);
      const wanted = cuts % 15 === 0 ? cuts * 20 + 10 - seen.length : cuts % 15;
      await client.until((it) => it.received(ul).length >= wanted);
      client.socket.terminate();
      peer.write(BURST);
      seen.push(...client.received(ul).map(([, seq]) => seq));
      client = await SocketClient.open(url, [subprotocol]);
      const resume = { registration, epoch, seq: seen.at(-1) };
      expect(await client.call('register_module', { ...UL, resume })).toMatchObject({ resumed: true, number: 1 });
    }
    await client.until((it) => it.received(ul).at(-1)?.[1] === RECONNECTS * 20);
    seen.push(...client.received(ul).map(([, seq]) => seq));
    await client.close();
    expect(seen).toEqual(Array.from({ length: RECONNECTS * 20 }, (_, i) => i + 1));
  },
);
