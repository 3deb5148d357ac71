import type { Socket } from 'node:net';
import type { Log } from '../../ground/ports.js';
import { canonicalIp } from '../../wire/address.js';
import type { Connections } from '../link/connections.js';
import type { ConnectionTarget } from '../out/machine-connection.js';
import { type IncomingEvents, type IncomingOptions, receivePackets } from './receive.js';

/** Reads what machines of dialect 2.4 send on the connections that this service opened to them. */
export class Answers {
  constructor(
    private readonly connections: Connections,
    private readonly options: Omit<IncomingOptions, 'protocol' | 'idleTimeoutMs'>,
    private readonly run: IncomingEvents['run'],
    private readonly log: Log,
  ) {}

  read(socket: Socket, { clusterId, protocol, host, port }: ConnectionTarget): void {
    const ip = canonicalIp(socket.remoteAddress ?? '');
    // It was reset before it was read.
    if (ip === null) return;
    const url = `${protocol}:${host.includes(':') ? `[${host}]` : host}:${port}`;
    const incoming = {
      source: { ip, port },
      connection: this.connections.add(socket),
      url,
      isHeld: () => this.connections.isHeld,
      wasHeld: (lastMs: number) => this.connections.wasHeld(lastMs),
    };
    receivePackets(
      socket,
      incoming,
      { ...this.options, protocol, idleTimeoutMs: 0 },
      {
        run: this.run,
        fault: (fault, reason) => this.log.debug({ cluster_id: clusterId, url, fault, reason }, 'answer not read'),
      },
    );
  }
}
