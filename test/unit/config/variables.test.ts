import { ConfigError, readConfig, unknownVariables, VARIABLES } from '../../../src/config/variables.js';
import { certificate } from '../../fixtures/certificates.js';

function faultsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('an empty environment', () => {
  it('gives every variable its default', () => {
    const { tokens, replica, ...config } = readConfig({});
    expect(tokens.required).toBe(false);
    // It has a random end.
    expect(replica).toMatch(/^[\w-]+-[0-9a-f]{6}$/);
    expect(config).toEqual({
      dbUrl: 'file:./data/clusterer.db',
      commit: '',
      dbTable: 'clusterer',
      serverId: 0,
      natsServers: [],
      natsCreds: '',
      natsCa: '',
      natsPrefix: 'clusterer',
      natsReplicas: 1,
      persistent: false,
      clusterIdCol: 'cluster_id',
      machineIdCol: 'machine_id',
      clustererIdCol: 'clusterer_id',
      stateCol: 'state',
      urlCol: 'url',
      descriptionCol: 'description',
      failedAttemptsCol: 'failed_attempts',
      lastAttemptCol: 'last_attempt',
      durationCol: 'duration',
      noTriesCol: 'no_tries',
      syncIntervalMs: 1000,
      webhooks: [],
      seedFallbackSeconds: 5,
      syncTimeoutSeconds: 15,
      httpHost: '127.0.0.1',
      httpPort: 8080,
      binHost: '127.0.0.1',
      binPort: 5555,
      binConnectTimeoutMs: 1000,
      binWriteTimeoutMs: 1000,
      binQueueBytes: 4_194_304,
      binFrameTimeoutMs: 5000,
      binIdleTimeoutSeconds: 0,
      binMaxConnections: 1024,
      binMaxConnectionsPerSource: 64,
      binAllow: null,
      dialects: { fallback: null, exceptions: new Map() },
      join: [],
      advertiseUrl: '',
      pingIntervalSeconds: 4,
      pingTimeoutMs: 1000,
      nodeTimeoutSeconds: 60,
      tlsCert: '',
      tlsKey: '',
      binsPort: null,
      binsCert: '',
      binsKey: '',
      binsCa: '',
      origins: [],
      trustedProxies: null,
      httpBodyBytes: 1_048_576,
      httpHeaderBytes: 16_384,
      httpHeaderTimeoutMs: 10_000,
      httpRequestTimeoutMs: 60_000,
      httpRequestsPerSecond: 50_000,
      httpWrongTokensPerMinute: 100,
      httpMaxConnections: 25_000,
      httpMaxConnectionsPerSource: 4000,
      heartbeatSeconds: 25,
      pongTimeoutSeconds: 10,
      wsQueueBytes: 16_777_216,
      wsMaxRegistrations: 256,
      wsMaxClients: 10_000,
      wsMaxPerClient: 1000,
      wsMessagesPerSecond: 10_000,
      wsFrameBytes: 1_048_576,
      decode: true,
      redact: new Set(),
      replayBytes: 33_554_432,
      replaySeconds: 30,
      replayTotalBytes: 536_870_912,
      maxRegistrations: 100_000,
      maxMachines: 100_000,
      logLevel: 'info',
      logFormat: 'auto',
      metricsMachines: 1000,
      historyDays: 30,
      historyRows: 100_000,
    });
  });
});

describe('a variable', () => {
  it('with an empty value counts as not set', () => {
    expect(readConfig({ CLUSTERER_HTTP_PORT: ' ' }).httpPort).toBe(8080);
  });

  it.each([
    ['CLUSTERER_DB_URL', 'oracle://me:s3cret@db/x', 'must begin with one of file:, sqlite:, postgres:'],
    ['CLUSTERER_DB_URL', 'postgres://me:s3cret/1@db:99999/x', 'is not a valid URL.'],
    ['CLUSTERER_DB_URL', 'file:', 'must name a file'],
    [
      'CLUSTERER_DB_TABLE',
      'osips.clusterer',
      'must be the name of a table without its schema, such as clusterer. Put the part before the dot into CLUSTERER_DB_URL: ?schema=osips for PostgreSQL, or osips as the database for MySQL',
    ],
    ['CLUSTERER_DB_TABLE', '"osips"."clusterer"', 'must be the name of a table without its schema, such as clusterer.'],
    ['CLUSTERER_ORIGINS', 'https://me:s3cret@ops.example', 'must be origins such as https://ops.example or'],
    ['CLUSTERER_DB_TABLE', 'a\tb', 'must not contain control characters'],
    ['CLUSTERER_SERVER_ID', '2147483648', 'must be a whole number from 0 to 2147483647'],
    ['CLUSTERER_SERVER_ID', '1.5', 'must be a whole number from 0 to 2147483647'],
    ['CLUSTERER_SERVER_ID', '0x10', 'must be a whole number from 0 to 2147483647'],
    ['CLUSTERER_PERSISTENT_MODE', 'true', 'must be 0 or 1'],
    ['CLUSTERER_SYNC_INTERVAL_MS', '0', 'must be a whole number from 1 to 2147483647'],
    ['CLUSTERER_HTTP_PORT', '65536', 'must be a whole number from 0 to 65535'],
    ['CLUSTERER_BIN_IDLE_TIMEOUT_SECONDS', '-1', 'must be a whole number from 0 to 2147483'],
    [
      'CLUSTERER_BIN_ALLOW',
      '10.0.0.0/8,10.0.0.0/33',
      'must be networks such as 10.0.0.0/8 or fd00::/8, comma-separated; "10.0.0.0/33"',
    ],
    [
      'CLUSTERER_BIN_ALLOW',
      '10.0.0/8',
      'must be networks such as 10.0.0.0/8 or fd00::/8, comma-separated; "10.0.0/8" is not one',
    ],
    ['CLUSTERER_BIN_ALLOW', '10.0.0.0/', 'must be networks such as'],
    ['CLUSTERER_BIN_ALLOW', 'example.org', 'must be networks such as'],
    ['CLUSTERER_TRUSTED_PROXIES', 'proxy.example.org', 'must be networks such as'],
    ['CLUSTERER_TRUSTED_PROXIES', 'unix:/run/proxy.sock', 'must be networks such as'],
    ['CLUSTERER_TOKENS', 'ops:operate:s3cret', 'the sha256 of "ops" is not 64 hex digits'],
    ['CLUSTERER_TOKENS', `ops:admin:${'a'.repeat(64)}`, 'the role of "ops" is not one of read, module, operate'],
    ['CLUSTERER_TOKENS', '@/nowhere/s', 'names the file /nowhere/s, which cannot be used: '],
    ['CLUSTERER_ORIGINS', 'https://ops.example, *', 'must be origins such as https://ops.example or'],
    ['CLUSTERER_ORIGINS', 'null', 'must be origins such as https://ops.example or'],
    ['CLUSTERER_ORIGINS', 'https://ops.example/page', 'must be origins such as https://ops.example or'],
    ['CLUSTERER_ORIGINS', 'https://*.ops.example', 'must be origins such as https://ops.example or'],
    ['CLUSTERER_LOG_LEVEL', 'loud', 'must be one of fatal, error, warn, info, debug, trace, silent'],
  ])('%s=%s is refused with its name and what it must be, without the value', (name, value, reason) => {
    const [fault, ...others] = faultsOf({ [name]: value });
    expect(others).toEqual([]);
    expect(fault).toContain(`${name} ${reason}`);
    expect(fault).not.toContain('s3cret');
  });

  it.each(['0', '1'])('CLUSTERER_PERSISTENT_MODE accepts %s', (mode) => {
    expect(readConfig({ CLUSTERER_PERSISTENT_MODE: mode }).persistent).toBe(mode === '1');
  });

  it('CLUSTERER_ORIGINS is normalized to the spelling of browsers', () => {
    const { origins } = readConfig({ CLUSTERER_ORIGINS: 'HTTPS://Ops.Example:443 ,http://10.0.0.1:3000,' });
    expect(origins).toEqual(['https://ops.example', 'http://10.0.0.1:3000']);
  });

  it('with our prefix that nothing reads is reported', () => {
    const forTheCommandLine = { CLUSTERER_URL: 'http://127.0.0.1:8080', CLUSTERER_TOKEN: 'secret' };
    const env = { CLUSTERER_SEVER_ID: '1', CLUSTERER_SERVER_ID: '1', PATH: '/bin', ...forTheCommandLine };
    expect(unknownVariables(env)).toEqual(['CLUSTERER_SEVER_ID']);
  });

  it('has a name of its own, a meaning and a valid default', () => {
    const all = Object.values(VARIABLES);
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    for (const { name, meaning, fallback, read } of all) {
      expect(name).toMatch(/^CLUSTERER_[A-Z_]+$/);
      expect(meaning).not.toBe('');
      expect(() => read(fallback)).not.toThrow();
    }
  });
});

describe('variables together', () => {
  it('are refused with all faults at once', () => {
    const faults = faultsOf({ CLUSTERER_SERVER_ID: 'x', CLUSTERER_HTTP_PORT: 'x', CLUSTERER_BIN_PORT: '1' });
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual(['CLUSTERER_SERVER_ID', 'CLUSTERER_HTTP_PORT']);
  });

  it('are refused if two columns have the same name', () => {
    expect(faultsOf({ CLUSTERER_NO_TRIES_COL: 'duration', CLUSTERER_STATE_COL: '\u0001' })).toEqual([
      'CLUSTERER_STATE_COL must not contain control characters',
      'CLUSTERER_DURATION_COL and CLUSTERER_NO_TRIES_COL both name the column "duration": give each its own',
    ]);
  });

  it('can swap the names of two columns', () => {
    const swapped = { CLUSTERER_STATE_COL: 'url', CLUSTERER_URL_COL: 'state' };
    expect(readConfig(swapped)).toMatchObject({ stateCol: 'url', urlCol: 'state' });
  });

  it.each(['0.0.0.0', '::', '192.0.2.1', 'clusterer.example'])('require tokens if HTTP listens on %s', (host) => {
    expect(faultsOf({ CLUSTERER_HTTP_HOST: host })).toEqual([
      'CLUSTERER_TOKENS must be set while CLUSTERER_HTTP_HOST is not a loopback address: everyone who can reach it would have full access',
    ]);
    expect(faultsOf({ CLUSTERER_HTTP_HOST: host, CLUSTERER_TOKENS: `ops:operate:${'a'.repeat(64)}` })).toEqual([]);
  });

  it.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('require no tokens if HTTP listens on %s', (host) => {
    expect(faultsOf({ CLUSTERER_HTTP_HOST: host })).toEqual([]);
  });
});

describe('certificate files', () => {
  const SERVICE = { CLUSTERER_TLS_CERT: certificate('service.crt'), CLUSTERER_TLS_KEY: certificate('service.key') };

  it('are accepted if they belong together', () => {
    expect(faultsOf(SERVICE)).toEqual([]);
  });

  it('are optional, except the pair of a TLS listener', () => {
    expect(faultsOf({ CLUSTERER_BINS_CA: certificate('ca.crt') })).toEqual([]);
    expect(faultsOf({ CLUSTERER_BINS_PORT: '0' })).toEqual([
      'CLUSTERER_BINS_PORT needs CLUSTERER_BINS_CERT and CLUSTERER_BINS_KEY: a TLS listener needs a certificate',
    ]);
  });

  it('with faults are all reported at once, each by its variable and without its content', () => {
    const faults = faultsOf({
      ...SERVICE,
      CLUSTERER_TLS_KEY: certificate('machine.key'),
      CLUSTERER_BINS_PORT: 'bins',
      CLUSTERER_BINS_CERT: certificate('nowhere.crt'),
      CLUSTERER_BINS_KEY: certificate('machine.crt'),
      CLUSTERER_BINS_CA: certificate('machine.key'),
    });
    expect(faults).toEqual([
      'CLUSTERER_BINS_PORT must be a whole number from 0 to 65535',
      'CLUSTERER_BINS_CERT names a file that cannot be read (ENOENT): correct the path, or let this user read it',
      'CLUSTERER_BINS_KEY names a file without a PEM private key, or with an encrypted one',
      'CLUSTERER_BINS_CA names a file without a PEM certificate',
      'CLUSTERER_TLS_KEY is not the key of CLUSTERER_TLS_CERT: name the two files that were made together',
    ]);
  });

  it.each([
    ['CLUSTERER_TLS_CERT', 'service.crt', 'CLUSTERER_TLS_KEY'],
    ['CLUSTERER_TLS_KEY', 'service.key', 'CLUSTERER_TLS_CERT'],
    ['CLUSTERER_BINS_CERT', 'service.crt', 'CLUSTERER_BINS_KEY'],
    ['CLUSTERER_BINS_KEY', 'service.key', 'CLUSTERER_BINS_CERT'],
  ])('are refused without the other file of their pair: %s alone', (name, file, other) => {
    expect(faultsOf({ [name]: certificate(file) })).toEqual([`${other} must be set while ${name} is`]);
  });
});

describe('fields to redact', () => {
  it('are names of decoded packets, also of those in groups', () => {
    const { redact } = readConfig({ CLUSTERER_REDACT: 'contact, received,pipe' });
    expect([...redact]).toEqual(['contact', 'received', 'pipe']);
  });

  it('that no packet has are a fault: what was meant would be shown', () => {
    expect(faultsOf({ CLUSTERER_REDACT: 'contact,call_id' })).toEqual([
      'CLUSTERER_REDACT must be names of fields of docs/layouts.md, comma-separated; no packet has "call_id"',
    ]);
  });
});

test('decoding is switched with on and off', () => {
  expect(readConfig({ CLUSTERER_DECODE: 'off' }).decode).toBe(false);
  expect(faultsOf({ CLUSTERER_DECODE: '0' })).toEqual(['CLUSTERER_DECODE must be on or off']);
});
