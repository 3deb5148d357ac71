import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** How long the connection of a refused WebSocket may stay. */
const REFUSED_MS = 500;

/** What asks for the upgrade: headers, and options of the header `Connection`. */
const OF_THE_UPGRADE = new Set(['upgrade', 'http2-settings']);

/**
 * Takes the `upgrade` events of a server: those that ask for a WebSocket come out of the one it answers, which never
 * listens itself; all others are served as if nothing had been asked for. A server may ignore an upgrade (RFC 9110, 7.8), and has to: Java's and
 * curl's HTTP clients offer `h2c` with ordinary requests, while Node hands over every connection that asks for anything.
 */
export function webSocketUpgrades(server: Server): Server {
  const webSockets = createServer();
  /** The last answer that each connection was promised. */
  const promised = new WeakMap<Socket, ServerResponse>();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => promised.set(request.socket, response));
  server.on('upgrade', (request: IncomingMessage, connection: Socket, head: Buffer) => {
    // Node has let go of the connection, where an error that nobody listens to would end the process. It may come after
    // the connection is destroyed, and after the answer is closed.
    connection.on('error', ignore);
    afterAnswer(promised.get(connection), () => {
      if (connection.destroyed) return;
      if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
        serveAgain(server, connection, Buffer.concat([requestHead(request), head]));
        return;
      }
      // Where it is refused, as plain HTTP, nobody else would ever close it. A WebSocket takes this time-out off again.
      connection.setTimeout(REFUSED_MS, () => connection.destroy());
      webSockets.emit('upgrade', request, connection, head);
    });
  });
  return webSockets;
}

function ignore(): void {}

/** Requests may come before the one in front of them is answered, and answers go out in the order of the requests. */
function afterAnswer(response: ServerResponse | undefined, run: () => void): void {
  if (response === undefined || response.closed) run();
  else response.once('close', run);
}

/** Node's server takes the connection as a new one that begins with these bytes. */
function serveAgain(server: Server, connection: Socket, bytes: Buffer): void {
  // What was set while it waited for this request.
  connection.setTimeout(server.timeout);
  connection.off('error', ignore);
  connection.unshift(bytes);
  server.emit(connection instanceof TLSSocket ? 'secureConnection' : 'connection', connection);
}

/** The request line and headers as they came, without those that asked for the upgrade. */
function requestHead({ method, url, httpVersion, rawHeaders }: IncomingMessage): Buffer {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const [name = '', value = ''] = rawHeaders.slice(i, i + 2);
    if (name.toLowerCase() === 'connection') lines.push(`${name}: ${otherOptions(value)}`);
    else if (!OF_THE_UPGRADE.has(name.toLowerCase())) lines.push(`${name}: ${value}`);
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

/** What else a `Connection` header asks for, as `close`. */
function otherOptions(value: string): string {
  const options = value.split(',').map((option) => option.trim());
  return options.filter((option) => !OF_THE_UPGRADE.has(option.toLowerCase())).join(', ');
}
