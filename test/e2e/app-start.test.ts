import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { startApp } from '../../src/app.js';
import { readConfig } from '../../src/config/variables.js';
import type { Resolver } from '../../src/service/ports/resolver.js';
import { freePort } from '../support/service/free-port.js';
import { MemoryDatabase } from '../support/tables/memory-database.js';

const ENVIRONMENT = { CLUSTERER_HTTP_PORT: '0', CLUSTERER_BIN_PORT: '0', CLUSTERER_LOG_LEVEL: 'fatal' };

/** Starts with an environment that cannot work. Returns the error and which parts were closed, in their order. */
async function failing(environment: Record<string, string>) {
  const closed: string[] = [];
  const resolver: Resolver = {
    resolve: async (host) => ({ ips: host === 'nowhere.test' ? [] : [host], fault: null }),
    close: () => void closed.push('resolver'),
  };
  const openDatabase = async () => {
    const database = await new MemoryDatabase().open();
    const close = () => {
      closed.push('database');
      return Promise.resolve();
    };
    return { ...database, machines: Object.assign(Object.create(database.machines), { close }) };
  };
  const config = readConfig({ ...ENVIRONMENT, ...environment });
  const error = await startApp(config, { resolver, openDatabase }).then(
    () => null,
    (reason: Error) => reason.message,
  );
  return { error, closed };
}

describe('an app that cannot start closes what it has opened', () => {
  it('when the BIN host has no address', async () => {
    const { error, closed } = await failing({ CLUSTERER_BIN_HOST: 'nowhere.test' });
    expect(error).toContain('CLUSTERER_BIN_HOST');
    expect(closed).toEqual(['resolver']);
  });

  it('when no server of NATS answers', async () => {
    const port = await freePort();
    const { error, closed } = await failing({
      CLUSTERER_NATS_URL: `nats://127.0.0.1:${port}`,
      CLUSTERER_DB_URL: 'postgres://127.0.0.1/none',
      CLUSTERER_REPLICA: 'a',
      CLUSTERER_SERVER_ID: '1',
    });
    expect(error).toContain('CLUSTERER_NATS_URL');
    expect(closed).toEqual(['database', 'resolver']);
  });

  it('when its HTTP port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { error, closed } = await failing({ CLUSTERER_HTTP_HOST: '127.0.0.1', CLUSTERER_HTTP_PORT: String(port) });
    other.close();
    expect(error).toContain('CLUSTERER_HTTP_PORT');
    expect(closed).toEqual(['database', 'resolver']);
  });
});
