import { ConfigError, readConfig } from '../../../src/config/variables.js';

const POSTGRESQL = 'postgres://127.0.0.1/clusterer';

function faultsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig({ CLUSTERER_DB_URL: POSTGRESQL, ...env });
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('the variables of replicas', () => {
  it('name the servers of NATS, with or without a scheme', () => {
    const CLUSTERER_NATS_URL = 'nats://10.0.0.1:4222, tls://user:pass@nats.example,[fd00::1]:4222';
    const { natsServers } = readConfig({ CLUSTERER_DB_URL: POSTGRESQL, CLUSTERER_NATS_URL });
    expect(natsServers).toEqual(['nats://10.0.0.1:4222', 'tls://user:pass@nats.example', '[fd00::1]:4222']);
  });

  it.each(['http://secret@10.0.0.1', 'nats://secret@', 'nats://secret@10.0.0.1/path', '10.0.0.1:secret'])(
    'refuse %s as a server, without a word of it',
    (CLUSTERER_NATS_URL) => {
      const fault =
        'CLUSTERER_NATS_URL must be URLs such as nats://10.0.0.1:4222 or tls://nats.example:4222, comma-separated';
      expect(faultsOf({ CLUSTERER_NATS_URL })).toEqual([fault]);
    },
  );

  it('refuse SQLite, which replicas cannot share', () => {
    const faults = faultsOf({ CLUSTERER_DB_URL: 'file:./x.db', CLUSTERER_NATS_URL: '10.0.0.1' });
    expect(faults).toEqual([expect.stringContaining('CLUSTERER_DB_URL is a SQLite file')]);
  });

  it.each(['a.b', 'Upper', 'x'.repeat(33)])('refuse %j as a prefix', (CLUSTERER_NATS_PREFIX) => {
    const fault = 'CLUSTERER_NATS_PREFIX must be 1 to 32 lower-case letters, digits, - and _';
    expect(faultsOf({ CLUSTERER_NATS_PREFIX })).toEqual([fault]);
  });

  it.each(['a b', '.a', 'a..b', 'a.*', '>', 'x'.repeat(65)])(
    'refuse %j as the name of a replica',
    (CLUSTERER_REPLICA) => {
      expect(faultsOf({ CLUSTERER_REPLICA })).toEqual([expect.stringContaining('CLUSTERER_REPLICA must be 1 to 64')]);
    },
  );

  it('keep the name of a replica, and draw another one for each process', () => {
    expect(readConfig({ CLUSTERER_REPLICA: 'pod-0.example' }).replica).toBe('pod-0.example');
    expect(readConfig({}).replica).not.toBe(readConfig({}).replica);
  });

  it('refuse other numbers than 1 to 5, and files that cannot be read', () => {
    expect(faultsOf({ CLUSTERER_NATS_REPLICAS: '6' })).toHaveLength(1);
    expect(faultsOf({ CLUSTERER_NATS_CREDS: '/nowhere/user.creds' })).toEqual([
      'CLUSTERER_NATS_CREDS must be the path of a readable file',
    ]);
    expect(faultsOf({ CLUSTERER_NATS_CA: '/nowhere/ca.pem' })).toHaveLength(1);
  });
});
