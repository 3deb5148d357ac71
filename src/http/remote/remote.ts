import type { IncomingMessage } from 'node:http';
import type { BlockList, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { canonicalIp, networkOf, withoutZone } from '../../wire/address.js';
import { clientIn } from './forwarded.js';

/** Where a request comes from: the other end of its connection, or the client that a trusted proxy names. */
export interface Remote {
  readonly ip: string;
  /** The network that limits count it for. */
  readonly network: string;
  readonly isSecure: boolean;
  /** True if its headers name two clients; then this is the proxy. */
  readonly isContradictory: boolean;
}

const peers = new WeakMap<Socket, Remote>();

/** Returns the other end of a connection. Cached, since a connection may carry many requests. */
export function peerOfSocket(socket: Socket): Remote {
  const known = peers.get(socket);
  if (known !== undefined) return known;
  const ip = withoutZone(socket.remoteAddress ?? '');
  const peer = remoteAt(canonicalIp(ip) ?? ip, socket instanceof TLSSocket);
  peers.set(socket, peer);
  return peer;
}

/** Limit of the remembered addresses. */
const MAX_REMEMBERED = 10_000;

/** The proxies of CLUSTERER_TRUSTED_PROXIES; null: there are none. */
export class TrustedProxies {
  /** A check by BlockList takes some microseconds, as much as all other checks of a request. */
  private readonly known = new Map<string, boolean>();

  constructor(private readonly networks: BlockList | null) {}

  has(ip: string): boolean {
    if (this.networks === null) return false;
    const known = this.known.get(ip);
    if (known !== undefined) return known;
    if (this.known.size >= MAX_REMEMBERED) this.known.clear();
    const isListed = this.networks.check(ip, ip.includes(':') ? 'ipv6' : 'ipv4');
    this.known.set(ip, isListed);
    return isListed;
  }

  /** Returns where a request comes from. Headers of anyone but these proxies are ignored. */
  remoteOf({ socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>): Remote {
    const peer = peerOfSocket(socket);
    if (!this.has(peer.ip)) return peer;
    const client = clientIn(headers, (ip) => this.has(ip));
    if (client === null) return { ...peer, isContradictory: true };
    return remoteAt(client.ip ?? peer.ip, client.isSecure ?? peer.isSecure);
  }
}

function remoteAt(ip: string, isSecure: boolean): Remote {
  return { ip, network: networkOf(ip), isSecure, isContradictory: false };
}
