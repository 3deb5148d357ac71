import { once } from 'node:events';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import type { TestService } from '../service/service.js';

interface PacketFields {
  readonly machineId?: number;
  readonly module?: string;
  readonly packetType?: number;
  readonly version?: number;
  readonly payload?: string | Uint8Array;
}

/** A packet of dialect 2.2 (docs/protocol.md), written without the service's encoder. */
export function packetBytes(fields: PacketFields = {}): Buffer {
  const { machineId = 2, module = 'ul', packetType = 3, version = 1, payload = '' } = fields;
  const name = Buffer.from(module);
  const rest = Buffer.from(payload);
  const head = Buffer.alloc(16);
  head.write('P4CK');
  head.writeUInt32LE(24 + name.length + rest.length, 4);
  head.writeUInt32LE(version, 8);
  head.writeUInt32LE(name.length, 12);
  const ids = Buffer.alloc(8);
  ids.writeInt32LE(packetType, 0);
  ids.writeInt32LE(machineId, 4);
  return Buffer.concat([head, name, ids, rest]);
}

const peers: Socket[] = [];
const listeners: Server[] = [];

/** A machine that takes packets at its own address. */
export async function takePackets(host: string, port: number): Promise<void> {
  const listener = createServer((socket) => peers.push(socket.on('error', () => {}).resume())).listen(port, host);
  listeners.push(listener);
  await once(listener, 'listening');
}

/** A machine that is connected to the service's BIN listener, from this loopback address. */
export async function connectPeer(service: Pick<TestService, 'bin'>, localAddress = '127.0.0.2'): Promise<Socket> {
  const { ip: host, port } = service.bin;
  const socket = createConnection({ host, port, noDelay: true, localAddress });
  peers.push(socket);
  socket.on('error', () => {});
  socket.resume();
  await once(socket, 'connect');
  return socket;
}

/** Call once at the top of a test file. */
export function disconnectPeersAfterEach(): void {
  afterEach(() => {
    for (const listener of listeners.splice(0)) listener.close();
    for (const peer of peers.splice(0)) peer.destroy();
  });
}
