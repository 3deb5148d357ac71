import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { capturedPackets } from '../fixtures/captures.js';
import { connectPeer, disconnectPeersAfterEach } from '../support/peers/bin-peer.js';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';

stopServicesAfterEach();
disconnectPeersAfterEach();

const PAGE = readFileSync(join(__dirname, '../../docs/protocol.md'), 'utf8');

function blockOf(name: string): string {
  const [, block] = new RegExp(`^\`\`\`${name}\n(.*?)^\`\`\`$`, 'ms').exec(PAGE) ?? [];
  if (block === undefined) throw new Error(`docs/protocol.md has no block ${name}`);
  return block;
}

const json = (name: string) => JSON.parse(blockOf(`json ${name}`));

/** Returns the bytes of a dump; every line begins with the offset of its first byte. */
function bytesOf(name: string): Buffer {
  const lines = blockOf(`hex ${name}`).trim().split('\n');
  return lines.reduce((bytes, line) => {
    const [, offset = '', dumped = ''] = /^([\da-f]{4}) {2}((?:[\da-f]{2} )*[\da-f]{2})(?= {2}|$)/.exec(line) ?? [];
    expect([line, Number.parseInt(offset, 16)]).toEqual([line, bytes.length]);
    return Buffer.concat([bytes, Buffer.from(dumped.replaceAll(' ', ''), 'hex')]);
  }, Buffer.alloc(0));
}

/** Replaces values that change from run to run by their type, or by their length where that is constant. */
function normalized(message: unknown): unknown {
  return JSON.parse(JSON.stringify(message), (name, value) => {
    if (name === 'epoch' || name === 'registration') return `${value.length} characters`;
    if (name === 'source') return value.replace(/\d+$/, 'port');
    return name === 'received_at' ? typeof value : value;
  });
}

const machines: Server[] = [];
afterEach(() => {
  for (const machine of machines.splice(0)) machine.close();
});

/** A service with machine 1 of cluster 1, which listens at 127.0.0.2; `received`: the first bytes that it gets. */
async function serviceWithMachine(): Promise<{ service: TestService; received: Promise<Buffer> }> {
  const machine = createServer().listen(0, '127.0.0.2');
  machines.push(machine);
  await once(machine, 'listening');
  const received = new Promise<Buffer>((resolve) => {
    machine.on('connection', (socket: Socket) => {
      socket.on('data', resolve);
      socket.on('end', () => socket.end());
    });
  });
  const service = await startService();
  await service.provision(1, 1, `bin:127.0.0.2:${(machine.address() as AddressInfo).port}`);
  return { service, received };
}

async function sendPacket(service: TestService): Promise<void> {
  (await connectPeer(service, '127.0.0.2')).write(bytesOf('packet'));
}

describe('docs/protocol.md', () => {
  it('shows a real packet of OpenSIPS 2.2', () => {
    expect(bytesOf('packet')).toEqual(capturedPackets('22-basic.hex')[0]);
  });

  it('shows the messages of a text socket', async () => {
    const { service } = await serviceWithMachine();
    const { socket, frames } = await service.socket();
    const [welcome] = frames;
    const next = async () => JSON.parse(String((await once(socket, 'message'))[0]));
    socket.send(blockOf('json register'));
    const registered = await next();
    const notification = next();
    await sendPacket(service);
    const messages = [welcome, registered, await notification];
    expect(messages.map(normalized)).toEqual(['welcome', 'registered', 'notification'].map(json).map(normalized));
  });

  it('shows the binary frames in both directions', async () => {
    const { service, received } = await serviceWithMachine();
    const { socket } = await service.socket(['clusterer.v1.bin']);
    socket.send(blockOf('json register'));
    await once(socket, 'message');
    const frame = once(socket, 'message');
    await sendPacket(service);
    const expected = bytesOf('from-service');
    expect((await frame)[0]).toEqual(expected);
    expect(PAGE).toContain(`\`82 ${expected.length.toString(16)}\`: final, binary, ${expected.length} bytes`);

    const answer = once(socket, 'message');
    socket.send(bytesOf('from-client'));
    expect(JSON.parse(String((await answer)[0]))).toEqual(json('answer'));
    const sent = bytesOf('packet');
    // The service replaces the machine id by its own: 0, as an observer.
    sent.writeInt32LE(0, 0x16);
    expect(await received).toEqual(sent);
  });
});
