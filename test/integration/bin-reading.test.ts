import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { readInto } from '../../src/bin/in/read-into.js';

const KIB = 2 ** 10;
const MIB = 2 ** 20;
const READ_BYTES = 256 * KIB;
const TURN_BYTES = 2 * MIB;

const servers: Server[] = [];
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** Both ends of a connection. */
async function connection(): Promise<{ accepted: Socket; made: Socket }> {
  const server = createServer();
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const made = connect({ port, host: '127.0.0.1' });
  const [accepted] = await once(server, 'connection');
  sockets.push(made, accepted);
  return { accepted, made };
}

/** Plays Node, which has read so many bytes; answers whether it reads on. */
function reader(socket: Socket): (bytes: number) => boolean {
  const symbol = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'kBufferCb');
  const { [symbol as symbol]: told } = socket as unknown as Record<symbol, (bytes: number) => boolean>;
  if (told === undefined) throw new Error('this Node tells of what it has read in another way');
  return told;
}

describe('reading what others send', () => {
  it('goes through all of a long stream, in order', async () => {
    const { accepted, made } = await connection();
    const sent = Buffer.from(Uint32Array.from({ length: 8 * MIB }, (_, i) => i).buffer);
    let at = 0;
    let isSame = true;
    readInto(accepted, (bytes) => {
      isSame &&= bytes.equals(sent.subarray(at, at + bytes.length));
      at += bytes.length;
    });
    made.end(sent);
    await once(accepted, 'end');
    expect([at, isSame]).toEqual([sent.length, true]);
  });

  it('stops for all else when connections together were read 2 MiB in a turn, and goes on in the next', async () => {
    const [one, other] = [(await connection()).accepted, (await connection()).accepted];
    for (const socket of [one, other]) readInto(socket, () => {});
    await nextTurn();
    const goOn = [one, other].map((socket) => jest.spyOn(socket, 'resume'));
    const whole = TURN_BYTES / READ_BYTES - 1;
    expect(Array.from({ length: whole }, () => reader(one)(READ_BYTES)).every(Boolean)).toBe(true);
    expect([reader(other)(READ_BYTES), reader(one)(READ_BYTES)]).toEqual([false, false]);
    expect(goOn.map(({ mock }) => mock.calls.length)).toEqual([0, 0]);
    await nextTurn();
    expect(goOn.map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
    expect(reader(one)(READ_BYTES)).toBe(true);
  });
});
