import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

interface Passes {
  /** The header `Host` of the browser, instead of the service's address. */
  readonly host: boolean;
  /** Upgrades to WebSocket, instead of plain requests. */
  readonly upgrade: boolean;
}

const running: Server[] = [];

/** A reverse proxy in front of a service, with the omissions of real ones. Resolves with its url. */
export async function startProxy({ httpUrl }: { readonly httpUrl: string }, passes: Passes): Promise<string> {
  const target = new URL(httpUrl);
  const headersOf = ({ headers: { host, upgrade, connection, ...rest } }: IncomingMessage): IncomingHttpHeaders => {
    const own = { ...rest, host: passes.host ? host : target.host };
    return passes.upgrade && upgrade !== undefined ? { ...own, upgrade, connection: 'upgrade' } : own;
  };
  const forward = (incoming: IncomingMessage) => {
    const { method, url } = incoming;
    const forwarded = request(httpUrl + url, { method, headers: headersOf(incoming), agent: false });
    incoming.pipe(forwarded);
    return forwarded;
  };
  const proxy = createServer((incoming, response) => {
    const forwarded = forward(incoming);
    forwarded.on('error', () => response.destroy());
    forwarded.on('response', (upstream) => {
      response.writeHead(upstream.statusCode ?? 502, upstream.headers);
      upstream.pipe(response);
    });
  });
  proxy.on('upgrade', (incoming: IncomingMessage, socket: Duplex) => {
    const forwarded = forward(incoming);
    for (const end of [forwarded, socket]) end.on('error', () => socket.destroy());
    forwarded.on('response', (response: IncomingMessage) => {
      socket.write(headOf(response));
      response.pipe(socket);
    });
    forwarded.on('upgrade', (response: IncomingMessage, upstream: Duplex, first: Buffer) => {
      socket.write(headOf(response));
      socket.write(first);
      upstream.on('error', () => socket.destroy());
      upstream.pipe(socket).pipe(upstream);
    });
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  running.push(proxy);
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

/** Call once at the top of a test file. */
export function stopProxiesAfterEach(): void {
  afterEach(async () => {
    for (const proxy of running.splice(0)) {
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
    }
  });
}

function headOf({ statusCode, statusMessage, rawHeaders }: IncomingMessage): string {
  const lines = [`HTTP/1.1 ${statusCode} ${statusMessage}`];
  for (let i = 0; i < rawHeaders.length; i += 2) lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}
