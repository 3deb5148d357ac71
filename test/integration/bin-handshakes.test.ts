import type { Socket } from 'node:net';
import { connect, createServer } from 'node:tls';
import { Acknowledgements } from '../../src/bin/out/acknowledgements.js';
import { BinSender } from '../../src/bin/out/sender.js';
import { OutgoingTls } from '../../src/bin/out/tls.js';
import { credentials } from '../fixtures/certificates.js';
import { packetBytes } from '../support/peers/bin-peer.js';
import { numberedFrame, recordingLog, startListener } from './bin-peers.js';

/*
 * Node 20 crashed (SIGSEGV in TLSWrap::ClearOut) when a TCP socket was destroyed below its TLS socket while data arrived.
 * Each round ends its connections one turn of the event loop later than the round before, so that every stage of a handshake,
 * and the data after it, is interrupted. A crash ends the test process.
 */
const ROUNDS = 40;
const CONNECTIONS = 8;

/** More than one read. */
const DATA = Buffer.concat(Array.from({ length: 40 }, () => packetBytes({ payload: Buffer.alloc(3_000) })));

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

describe('a TLS handshake that our side ends', () => {
  it('does not crash when a listener stops', async () => {
    let [before, after] = [0, 0];
    for (let round = 0; round < ROUNDS; round++) {
      const { listener, ip, port } = await startListener({ tls: credentials('service') });
      let secured = 0;
      const clients = Array.from({ length: CONNECTIONS }, () => {
        const client = connect({ host: ip, port, rejectUnauthorized: false });
        client.on('error', () => {}).resume();
        client.once('secureConnect', () => {
          secured++;
          client.write(DATA);
        });
        return client;
      });
      const ends = clients.map(closed);
      await turns(round);
      after += secured;
      before += CONNECTIONS - secured;
      await listener.close();
      await Promise.all(ends);
      expect(listener.connections).toBe(0);
    }
    expect(before).toBeGreaterThan(CONNECTIONS);
    expect(after).toBeGreaterThan(CONNECTIONS);
  });

  it('does not crash when a machine is disconnected', async () => {
    let [before, after] = [0, 0];
    const server = createServer(credentials('machine'), (socket) => {
      after++;
      socket.on('error', () => {}).resume();
      socket.write(DATA);
    });
    server.on('connection', () => before++);
    server.on('tlsClientError', () => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = Object(server.address());
    const { log, lines } = recordingLog();
    const sender = new BinSender(
      {
        acknowledgements: new Acknowledgements(log),
        tls: new OutgoingTls(() => ({}), log),
        localAddress: null,
        connectTimeoutMs: 10_000,
        writeTimeoutMs: 10_000,
        queueBytes: 1_000_000,
        mayWrite: () => true,
        opened: () => {},
      },
      { resolve: async () => ({ ips: [], fault: 'ENOTFOUND' }) },
      { failed: () => {}, succeeded: () => {}, resolved: () => {} },
    );
    const ip = '127.0.0.1';
    let cut = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const outcomes = Array.from({ length: CONNECTIONS }, (_, machineId) => {
        const target = { clusterId: 1, machineId, protocol: 'bins', host: ip, ip, port, attempt: round };
        return new Promise((done) => sender.send(target, numberedFrame(round), done));
      });
      await turns(round);
      for (let machineId = 0; machineId < CONNECTIONS; machineId++) sender.disconnect(1, machineId);
      cut += (await Promise.all(outcomes)).filter((error) => error === 'reset').length;
    }
    await sender.close();
    await new Promise((resolve) => server.close(resolve));
    // In the first rounds; on a busy machine a late round may find everything sent.
    expect(cut).toBeGreaterThan(CONNECTIONS);
    expect(before).toBeGreaterThan(after);
    expect(after).toBeGreaterThan(0);
    // Only the warning that no CA is set: a connection that we end is not a failure of the machine.
    expect(lines.items).toHaveLength(1);
  });
});
