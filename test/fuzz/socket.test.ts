import type { Socket } from 'node:net';
import fc from 'fast-check';
import { FIELDS, NAMES, SOCKET_METHODS } from '../hostile/values.js';
import { connectPeer, disconnectPeersAfterEach, packetBytes } from '../support/peers/bin-peer.js';
import { sendToFrame } from '../support/peers/packet-frame.js';
import type { SocketClient } from '../support/peers/socket-client.js';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';

stopServicesAfterEach();
disconnectPeersAfterEach();

/** The number of runs depends on the time. A failure prints its random seed, and the shortest run that fails. */
const BUDGET = { numRuns: 100_000, interruptAfterTimeLimit: 4_000, verbose: true };
jest.setTimeout(60_000);

const VALUES = [0, 1, 2, -1, 0.05, 2 ** 31, 'ul', 'bin', 'up', 'AAAA', '127.0.0.2:1', true, null, {}, []];
const value = fc.oneof(fc.constantFrom<unknown>(...VALUES), fc.jsonValue());
const REGISTER = { module: 'fuzzed', protocol: 'bin', timeout: 0, auth_check: false, cluster_id: 1 };
const params = fc.oneof(
  fc.dictionary(fc.constantFrom(...FIELDS), value),
  fc.constant<unknown>(REGISTER),
  fc.constant<unknown>({ cluster_id: 1, module: 'ul', packet_type: 1, machine_id: 2, state: 1 }),
  fc.jsonValue(),
);
/** The id is a digit; each socket puts its name before it. */
const request = fc.record(
  {
    jsonrpc: fc.constantFrom<unknown>('2.0', '2.0', '2.0', '1.0', 2),
    id: fc.nat(9),
    method: fc.constantFrom(...SOCKET_METHODS, ...NAMES),
    params,
  },
  { requiredKeys: ['jsonrpc', 'method'] },
);
const message = fc.oneof(
  request,
  request,
  fc.array(fc.oneof(request, fc.jsonValue()), { maxLength: 5 }),
  fc.jsonValue(),
);

/** A binary `send_to`, often damaged. */
const frame = fc
  .record({
    requestId: fc.nat(0xffff),
    clusterId: fc.constantFrom(0, 1, 2, 0xffff_ffff),
    packet: fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.record({ module: fc.string({ maxLength: 8 }), version: fc.nat(), payload: fc.uint8Array() }).map(packetBytes),
    ),
    flips: fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 3 }),
    length: fc.oneof(fc.constant(70_000), fc.nat(50)),
  })
  .map(({ requestId, clusterId, packet, flips, length }) => {
    const bytes = sendToFrame(requestId, clusterId, packet).subarray(0, length);
    for (const [at, byte] of flips) if (at < bytes.length) bytes[at] = byte;
    return bytes;
  });

/** An honest client, which must see only its own messages. */
class Bystander {
  private seq = 0;

  private constructor(
    private readonly service: TestService,
    private readonly client: SocketClient,
    private readonly peer: Socket,
    private readonly registered: { readonly registration: string; readonly number: number },
  ) {}

  static async join(service: TestService): Promise<Bystander> {
    await service.provision(1, 2, 'bin:127.0.0.2:1');
    const client = await service.socket(['clusterer.v1.bin']);
    const registered = await client.call('register_module', { ...REGISTER, module: 'bystander' });
    return new Bystander(service, client, await connectPeer(service), registered);
  }

  /** Throws when this socket has seen messages of another one, or another one has seen its messages, or the service failed. */
  async check(others: readonly SocketClient[]): Promise<void> {
    this.peer.write(packetBytes({ module: 'bystander' }));
    this.seq++;
    await this.client.until(() => this.client.packetFrames.at(-1)?.seq === this.seq);
    // The welcome, the response to the registration, and one packet for each run.
    expect(this.client.frames).toHaveLength(2 + this.seq);
    for (const other of others) {
      const seen = JSON.stringify(other.frames);
      expect(seen).not.toContain(this.registered.registration);
      expect(seen).not.toContain('-32603');
    }
    expect(this.service.logLines.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  }
}

/** Resolves when all earlier requests have their response, or the socket is closed. */
async function settled(client: SocketClient): Promise<void> {
  await Promise.race([client.call('ping'), client.closed]);
}

function idsOf(client: SocketClient): unknown[] {
  const answers = client.frames.slice(1).flat() as Record<string, unknown>[];
  return answers.filter((one) => 'id' in one && one.result !== 'pong').map(({ id }) => id);
}

let requests = 0;

/** Makes the id of every request unique: the socket's name before it, a number after it. */
function named(name: string, one: unknown): unknown {
  if (Array.isArray(one)) return one.map((each) => named(name, each));
  const { id, ...rest } = (one ?? {}) as Record<string, unknown>;
  return Number.isInteger(id) ? { ...rest, id: `${name}${id}-${++requests}` } : one;
}

test('any JSON causes no crash and no bug, and its responses go to its own socket only', async () => {
  const service = await startService({ CLUSTERER_LOG_LEVEL: 'error' });
  const bystander = await Bystander.join(service);
  const messages = fc.array(message, { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(messages, messages, async (toOne, toTwo) => {
      const [one, two] = await Promise.all([service.socket(), service.socket()]);
      for (let i = 0; i < 8; i++) {
        if (i < toOne.length) one.socket.send(JSON.stringify(named('one', toOne[i])));
        if (i < toTwo.length) two.socket.send(JSON.stringify(named('two', toTwo[i])));
      }
      await Promise.all([settled(one), settled(two)]);
      await bystander.check([one, two]);
      expect(idsOf(one).filter((id) => String(id).startsWith('two'))).toEqual([]);
      expect(idsOf(two).filter((id) => String(id).startsWith('one'))).toEqual([]);
      await Promise.all([one.close(), two.close()]);
    }),
    BUDGET,
  );
});

test('any text gets a response, or closes its own socket', async () => {
  const service = await startService({ CLUSTERER_LOG_LEVEL: 'error' });
  const bystander = await Bystander.join(service);
  const valid = '{"jsonrpc":"2.0","id":1,"method":"list_nodes","params":{"cluster_id":1}}';
  const cutOff = fc.nat(valid.length).map((length) => valid.slice(0, length));
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }), cutOff, fc.json()), async (text) => {
      const client = await service.socket();
      client.socket.send(text);
      await settled(client);
      await bystander.check([client]);
      client.socket.terminate();
    }),
    BUDGET,
  );
});

test('any binary frames cause no crash and no bug, and their responses go to their own socket only', async () => {
  const service = await startService({ CLUSTERER_LOG_LEVEL: 'error' });
  const bystander = await Bystander.join(service);
  const frames = fc.array(fc.oneof(frame, frame, fc.uint8Array({ maxLength: 100 })), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(frames, async (sent) => {
      const client = await service.socket(['clusterer.v1.bin']);
      for (const bytes of sent) client.socket.send(bytes);
      await client.until(() => idsOf(client).length === sent.length);
      await bystander.check([client]);
      const ids = sent.map((bytes) =>
        bytes.length < 16 || bytes[0] !== 2 ? null : Buffer.from(bytes).readUInt32LE(4),
      );
      expect(idsOf(client).sort()).toEqual(ids.sort());
      await client.close();
    }),
    BUDGET,
  );
});
