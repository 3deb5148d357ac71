import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../../../src/ground/ports.js';
import { type Connection, type ConnectionSettings, connectNats } from '../../../src/nats/connection.js';
import { systemClock } from '../../../src/process/system-clock.js';
import type { NatsServer } from './nats-server.js';

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

const connections: Connection[] = [];

/** A connection as the service makes it. `closeConnections` closes it. */
export async function connectTo(server: NatsServer, more: Partial<ConnectionSettings> = {}): Promise<Connection> {
  const settings = {
    servers: [server.url],
    credsFile: '',
    caFile: '',
    name: 'test',
    clock: systemClock,
    log: silentLog,
  };
  const connection = await connectNats({ ...settings, ...more });
  connections.push(connection);
  return connection;
}

export async function closeConnections(): Promise<void> {
  for (const connection of connections.splice(0)) await connection.close();
}

/** Waits until the condition holds. The time-out of the test ends it. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(10);
}
