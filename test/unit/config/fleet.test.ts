import { ConfigError, readConfig } from '../../../src/config/variables.js';

function faultsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

const JOINED = { CLUSTERER_SERVER_ID: '9', CLUSTERER_ADVERTISE_URL: 'bin:10.0.0.9:5566' };

describe('CLUSTERER_DIALECT', () => {
  it.each([
    ['auto', null, []],
    ['2.2', '2.2', []],
    ['2.4', '2.4', []],
    ['2.4, 7:2.2, 8:2.4', '2.4', ['7 2.2', '8 2.4']],
    ['7:2.4', null, ['7 2.4']],
    ['7:2.2,auto', null, ['7 2.2']],
  ])('%s has the default %s and the exceptions %j', (value, fallback, exceptions) => {
    const { dialects } = readConfig({ CLUSTERER_DIALECT: value });

    expect(dialects.fallback).toBe(fallback);
    expect([...dialects.exceptions].map(([clusterId, dialect]) => `${clusterId} ${dialect}`)).toEqual(exceptions);
  });

  it.each([
    ['2.3', '"2.3" is not one'],
    ['7=2.2', '"7=2.2" is not one'],
    ['2.2,2.4', 'it has two defaults, 2.2 and 2.4'],
    ['7:2.2,7:2.4', 'cluster 7 has two dialects'],
    ['7:auto', 'auto cannot be an exception'],
    ['0:2.2', 'the cluster of "0:2.2" must be 1 to 2147483647'],
  ])('%s is refused: %s', (value, reason) => {
    const form = 'CLUSTERER_DIALECT must be auto, 2.2, 2.4, or a list with exceptions by cluster, such as 2.4,7:2.2; ';
    expect(faultsOf({ CLUSTERER_DIALECT: value })).toEqual([form + reason]);
  });
});

describe('CLUSTERER_JOIN', () => {
  it('names urls by cluster, each once', () => {
    const value = '1=bin:10.0.0.1:5566, 1=bins:[fd00::2]:5567,2=bin:sip.example,1=bin:10.0.0.1:5566';

    expect(readConfig({ ...JOINED, CLUSTERER_JOIN: value }).join).toEqual([
      { clusterId: 1, url: 'bin:10.0.0.1:5566' },
      { clusterId: 1, url: 'bins:[fd00::2]:5567' },
      { clusterId: 2, url: 'bin:sip.example' },
    ]);
  });

  it.each([
    ['bin:10.0.0.1:5566', '"bin:10.0.0.1:5566" is not one'],
    ['0=bin:10.0.0.1', 'the cluster of "0=bin:10.0.0.1" must be 1 to 2147483647'],
    ['1=bin:10.0.0.1:0', 'the url of "1=bin:10.0.0.1:0" must have a port'],
    ['1=udp:10.0.0.1', 'the url of "1=udp:10.0.0.1" must start with bin: or bins:'],
    ['1=bin:0.0.0.0', 'the url of "1=bin:0.0.0.0" must have an address that other machines can connect to'],
  ])('%s is refused: %s', (value, reason) => {
    const [fault = '', ...others] = faultsOf({ ...JOINED, CLUSTERER_JOIN: value });
    expect(fault).toContain(
      'CLUSTERER_JOIN must be urls of machines by cluster, comma-separated, such as 1=bin:10.0.0.1:5566,',
    );
    expect(fault).toContain(reason);
    expect(others).toEqual([]);
  });

  it('needs a url for the others and a server id, and says both', () => {
    expect(faultsOf({ CLUSTERER_JOIN: '1=bin:10.0.0.1' })).toEqual([
      'CLUSTERER_JOIN needs CLUSTERER_ADVERTISE_URL, the url at which the other machines reach this service',
      'CLUSTERER_JOIN needs a CLUSTERER_SERVER_ID of 1 or more',
    ]);
  });

  it.each(['2.2', '2.4,1:2.2'])('contradicts the dialect %s of its cluster', (dialect) => {
    expect(faultsOf({ ...JOINED, CLUSTERER_JOIN: '1=bin:10.0.0.1', CLUSTERER_DIALECT: dialect })).toEqual([
      'CLUSTERER_JOIN names cluster 1, which CLUSTERER_DIALECT sets to 2.2: write 1:2.4 there, or do not join it',
    ]);
  });

  it.each(['auto', '2.4', '2.2,1:2.4'])('agrees with the dialect %s', (dialect) => {
    expect(faultsOf({ ...JOINED, CLUSTERER_JOIN: '1=bin:10.0.0.1', CLUSTERER_DIALECT: dialect })).toEqual([]);
  });
});

it.each(['udp:10.0.0.9:5060', 'bin:0.0.0.0:5566', 'bin:[::]:5566', '10.0.0.9'])(
  'CLUSTERER_ADVERTISE_URL refuses %s',
  (url) => {
    const [fault] = faultsOf({ CLUSTERER_ADVERTISE_URL: url });
    expect(fault).toContain(
      'CLUSTERER_ADVERTISE_URL must be the url of this service, such as bin:10.0.0.9:5566: it must',
    );
  },
);

it('every fault of the group is reported at once', () => {
  const faults = faultsOf({
    CLUSTERER_DIALECT: 'x',
    CLUSTERER_JOIN: 'x',
    CLUSTERER_ADVERTISE_URL: 'x:',
    CLUSTERER_PING_INTERVAL_SECONDS: '0',
    CLUSTERER_PING_TIMEOUT_MS: 'x',
    CLUSTERER_NODE_TIMEOUT_SECONDS: '-1',
  });
  expect(faults.map((fault) => fault.split(' ')[0])).toEqual([
    'CLUSTERER_DIALECT',
    'CLUSTERER_JOIN',
    'CLUSTERER_ADVERTISE_URL',
    'CLUSTERER_PING_INTERVAL_SECONDS',
    'CLUSTERER_PING_TIMEOUT_MS',
    'CLUSTERER_NODE_TIMEOUT_SECONDS',
  ]);
});
