import { createReadStream } from 'node:fs';
import { endianness } from 'node:os';
import ipaddr from 'ipaddr.js';
import { withoutZone } from '../../wire/address.js';

/** The sockets of our network namespace (proc(5), /proc/net/tcp). Linux only. */
const FILES = ['/proc/self/net/tcp', '/proc/self/net/tcp6'];

/** ` sl: local remote 01 (established) queues 01 (the retransmission timer runs):when retransmissions`; the last is not 0. */
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
 * How often in a row the oldest bytes of each connection have been sent again, by `placeOf`; an acknowledgement starts anew, and a connection
 * that waits for none is left out. Rejects where the system does not tell.
 */
export async function retransmissions(): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for (const file of FILES) {
    let rest = '';
    for await (const chunk of createReadStream(file, { encoding: 'latin1' })) {
      const text = rest + chunk;
      const end = text.lastIndexOf('\n') + 1;
      rest = text.slice(end);
      for (const [, place = '', count = ''] of text.slice(0, end).matchAll(RETRANSMITTING)) {
        found.set(place, Number.parseInt(count, 16));
      }
    }
  }
  return found;
}

/** A connection as these files name it; null once it is closed. */
export function placeOf({ localAddress, localPort, remoteAddress, remotePort }: Ends): string | null {
  if (localAddress === undefined || remoteAddress === undefined) return null;
  return `${hexOf(localAddress, localPort)} ${hexOf(remoteAddress, remotePort)}`;
}

/** An address is printed as 32-bit numbers of this computer, a port as it is read. */
function hexOf(address: string, port = 0): string {
  const bytes = Buffer.from(ipaddr.parse(withoutZone(address)).toByteArray());
  if (endianness() === 'LE') bytes.swap32();
  const ports = port.toString(16).padStart(4, '0');
  return `${bytes.toString('hex')}:${ports}`.toUpperCase();
}
