import { createReadStream } from 'node:fs';
import { endianness } from 'node:os';
import ipaddr from 'ipaddr.js';
import { withoutZone } from '../../wire/address.js';

/** The TCP sockets of this network namespace (proc(5)). Linux only. */
const FILES = ['/proc/self/net/tcp', '/proc/self/net/tcp6'];

/** ` sl: local remote 01 (established) queues 01 (retransmission timer active):when retransmissions`, where the last is not 0. */
const RETRANSMITTING =
  /^ *\d+: ([\dA-F]+:[\dA-F]{4} [\dA-F]+:[\dA-F]{4}) 01 [\dA-F:]{17} 01:[\dA-F]{8} (?!0{8})([\dA-F]{8}) /gm;

/** Both ends of a connection. */
export interface Ends {
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

/**
 * Resolves with how often in a row each connection has retransmitted its oldest bytes, by `connectionKey`. An acknowledgement restarts the count;
 * connections that wait for none are not included. Rejects where the table cannot be read.
 */
export async function retransmissions(): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for (const file of FILES) {
    let rest = '';
    for await (const chunk of createReadStream(file, { encoding: 'latin1' })) {
      const text = rest + chunk;
      const end = text.lastIndexOf('\n') + 1;
      rest = text.slice(end);
      for (const [, key = '', count = ''] of text.slice(0, end).matchAll(RETRANSMITTING)) {
        found.set(key, Number.parseInt(count, 16));
      }
    }
  }
  return found;
}

/** Returns both ends of a connection as these files write them; null once it is closed. */
export function connectionKey({ localAddress, localPort, remoteAddress, remotePort }: Ends): string | null {
  if (localAddress === undefined || remoteAddress === undefined) return null;
  return `${hexOf(localAddress, localPort)} ${hexOf(remoteAddress, remotePort)}`;
}

/** The kernel prints an address as 32-bit words in host byte order, and a port as a number. */
function hexOf(address: string, port = 0): string {
  const bytes = Buffer.from(ipaddr.parse(withoutZone(address)).toByteArray());
  if (endianness() === 'LE') bytes.swap32();
  const portText = port.toString(16).padStart(4, '0');
  return `${bytes.toString('hex')}:${portText}`.toUpperCase();
}
