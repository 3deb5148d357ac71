import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { type ConnectionOptions, connect, createServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { credentials, pem } from '../../fixtures/certificates.js';
import type { TestService } from '../service/service.js';

const open: (() => void)[] = [];

/** Call once at the top of a test file. */
export function endTlsPeersAfterEach(): void {
  afterEach(() => {
    // TLS sockets first: Node 20 has crashed where the TCP socket below one was destroyed.
    for (const end of open.splice(0).reverse()) end();
  });
}

/** A connection to the BINS listener, without a handshake. */
export async function connectTcp(service: TestService, localAddress = '127.0.0.2'): Promise<Socket> {
  const { ip: host, port } = service.bins;
  const socket = createConnection({ host, port, noDelay: true, localAddress });
  open.push(() => socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** A machine with a TLS connection to the BINS listener; its certificate is signed by the tests' CA unless `options` has another. */
export async function connectTlsPeer(
  service: TestService,
  localAddress = '127.0.0.2',
  options: ConnectionOptions = credentials('machine'),
): Promise<TLSSocket> {
  const tcp = await connectTcp(service, localAddress);
  const socket = connect({ socket: tcp, ca: pem('ca.crt'), checkServerIdentity: () => undefined, ...options });
  open.push(() => socket.destroy());
  socket.on('error', () => {});
  socket.resume();
  await once(socket, 'secureConnect');
  return socket;
}

/** Resolves when the connection is closed, with or without an error. */
export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.resume().once('close', () => resolve()));
}

/** A machine that receives: its bytes, by connection. */
export interface TlsMachine {
  readonly port: number;
  readonly connections: readonly {
    readonly from: string;
    readonly clientName: string;
    readonly bytes: readonly Buffer[];
  }[];
  /** Resolves once that many bytes have arrived on all connections. */
  received(bytes: number): Promise<Buffer>;
}

export async function startTlsMachine(host: string, options: TlsOptions = {}): Promise<TlsMachine> {
  const connections: { from: string; clientName: string; bytes: Buffer[] }[] = [];
  const waiting = new Set<() => void>();
  const server = createServer({ ...credentials('machine'), ...options }, (socket) => {
    const { CN: clientName = 'nobody' } = socket.getPeerCertificate()?.subject ?? {};
    const connection = { from: socket.remoteAddress ?? '', clientName: String(clientName), bytes: [] as Buffer[] };
    connections.push(connection);
    open.push(() => socket.destroy());
    socket.on('error', () => {});
    socket.on('data', (data) => {
      connection.bytes.push(data);
      for (const wake of waiting) wake();
    });
  });
  open.push(() => server.close());
  server.listen({ host, port: 0 });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP port was expected');
  const arrived = () => Buffer.concat(connections.flatMap(({ bytes }) => bytes));
  const received = async (bytes: number): Promise<Buffer> => {
    while (arrived().length < bytes) await new Promise<void>((wake) => waiting.add(wake));
    return arrived();
  };
  return { port: address.port, connections, received };
}
