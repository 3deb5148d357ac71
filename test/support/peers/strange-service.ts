import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

const servers: WebSocketServer[] = [];

/** Call once at the top of a test file. */
export function stopStrangeServicesAfterEach(): void {
  afterEach(() => {
    for (const server of servers.splice(0)) {
      for (const socket of server.clients) socket.terminate();
      server.close();
    }
  });
}

/** A service that passes each socket to `serve`; the first has number 1. Resolves with its url. */
export async function strangeService(serve: (socket: WebSocket, number: number) => void): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'clusterer.v1' });
  servers.push(server);
  let sockets = 0;
  server.on('connection', (socket) => serve(socket, ++sockets));
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Responds to every request of a socket with the result of `answer`. */
export function answerRequests(socket: WebSocket, answer: (method: string) => unknown): void {
  socket.on('message', (data) => {
    const { id, method } = JSON.parse(String(data));
    socket.send(JSON.stringify({ jsonrpc: '2.0', id, result: answer(method) }));
  });
}

export function notify(socket: WebSocket, method: string, params: object): void {
  socket.send(JSON.stringify({ jsonrpc: '2.0', method, params }));
}

export function welcome(socket: WebSocket, heartbeatSeconds = 25): void {
  const limits = {
    frame_bytes: 1_000_000,
    queue_bytes: 1_000_000,
    registrations: 256,
    messages_per_second: 10_000,
    pong_seconds: 1,
    replay_seconds: 30,
    replay_bytes: 1_000_000,
  };
  notify(socket, 'welcome', { server_id: 0, version: '1', epoch: 'e', heartbeat_seconds: heartbeatSeconds, limits });
}
