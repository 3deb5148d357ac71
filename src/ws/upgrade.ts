import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** How long a connection may stay open after its WebSocket was refused. */
const REFUSED_TIMEOUT_MS = 500;

/** The headers, and options of the header `Connection`, that ask for an upgrade. */
const UPGRADE_HEADERS = new Set(['upgrade', 'http2-settings']);

/**
 * Handles the `upgrade` events of a server. Requests for a WebSocket are emitted by the returned server, which never listens itself.
 * All others are served without an upgrade: the HTTP clients of Java and curl offer `h2c` with ordinary requests, a server may ignore
 * that (RFC 9110, section 7.8), but Node emits `upgrade` for every protocol.
 */
export function webSocketUpgrades(server: Server): Server {
  const webSockets = createServer();
  /** The last response on each connection, possibly not sent yet. */
  const lastResponses = new WeakMap<Socket, ServerResponse>();
  server.on('request', (request: IncomingMessage, response: ServerResponse) =>
    lastResponses.set(request.socket, response),
  );
  server.on('upgrade', (request: IncomingMessage, connection: Socket, head: Buffer) => {
    // Node has removed its own listeners, and an unhandled error would end the process. It can come as late as after the connection
    // is destroyed and the response is closed.
    connection.on('error', ignore);
    afterResponse(lastResponses.get(connection), () => {
      if (connection.destroyed) return;
      if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
        serveAgain(server, connection, Buffer.concat([requestHead(request), head]));
        return;
      }
      // Closes the connection of a refused WebSocket, which nothing else does. `ws` removes this time-out when it accepts.
      connection.setTimeout(REFUSED_TIMEOUT_MS, () => connection.destroy());
      webSockets.emit('upgrade', request, connection, head);
    });
  });
  return webSockets;
}

function ignore(): void {}

/** With pipelining, earlier requests may still wait for their responses, which must be sent first. */
function afterResponse(response: ServerResponse | undefined, run: () => void): void {
  if (response === undefined || response.closed) run();
  else response.once('close', run);
}

/** Gives the connection back to the server, as a new one that begins with these bytes. */
function serveAgain(server: Server, connection: Socket, bytes: Buffer): void {
  // Undoes the time-out that Node sets while it waits for a request.
  connection.setTimeout(server.timeout);
  connection.off('error', ignore);
  connection.unshift(bytes);
  server.emit(connection instanceof TLSSocket ? 'secureConnection' : 'connection', connection);
}

/** The request line and headers as received, without those that ask for the upgrade. */
function requestHead({ method, url, httpVersion, rawHeaders }: IncomingMessage): Buffer {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const [name = '', value = ''] = rawHeaders.slice(i, i + 2);
    if (name.toLowerCase() === 'connection') lines.push(`${name}: ${otherOptions(value)}`);
    else if (!UPGRADE_HEADERS.has(name.toLowerCase())) lines.push(`${name}: ${value}`);
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

/** The other options of a `Connection` header, such as `close`. */
function otherOptions(value: string): string {
  const options = value.split(',').map((option) => option.trim());
  return options.filter((option) => !UPGRADE_HEADERS.has(option.toLowerCase())).join(', ');
}
