import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';

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
  server.on('upgrade', (request: IncomingMessage, connection: Socket, head: Buffer) => {
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
      connection.unshift(Buffer.concat([requestHead(request), head]));
      server.emit('connection', connection);
      return;
    }
    // Where it is refused, as plain HTTP, nobody else would ever close it. A WebSocket takes this time-out off again.
    connection.setTimeout(REFUSED_MS, () => connection.destroy());
    webSockets.emit('upgrade', request, connection, head);
  });
  return webSockets;
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
