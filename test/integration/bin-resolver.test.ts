import type { SystemResolver } from '../../src/bin/names/resolver.js';
import { inPrivateNetwork, runInPrivateNetwork } from '../support/peers/private-network.js';
import { compiledResolver } from '../support/service/compiled-resolver.js';

describe('the system resolver', () => {
  let resolver: SystemResolver;
  beforeEach(() => {
    resolver = compiledResolver();
  });
  afterEach(() => resolver.close());

  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['2001:DB8::0:1', '2001:db8::1'],
  ])('resolves %s to %s', async (host, ip) => {
    expect(await resolver.resolve(host)).toEqual({ ips: [ip], fault: null });
  });

  it('finds the addresses of a name', async () => {
    const [first, second] = await Promise.all([resolver.resolve('localhost'), resolver.resolve('localhost')]);
    expect(first.ips).toContain('127.0.0.1');
    expect(first.fault).toBeNull();
    expect(second).toBe(first);
  });

  it('returns the reason why a name has no address', async () => {
    const labelTooLong = 'a'.repeat(64);
    expect(await resolver.resolve(`${labelTooLong}.example`)).toEqual({ ips: [], fault: 'ENOTFOUND' });
  });

  it('finds names again after its process has died', async () => {
    await resolver.resolve('localhost');
    resolver.close();
    const found = await resolver.resolve('localhost');
    // The process may have been alive still, and died during the look-up.
    expect([null, 'EAI_AGAIN']).toContain(found.fault);
    expect((await resolver.resolve('localhost')).ips).toContain('127.0.0.1');
  });
});

/** A name server that resolves `good.example`, and never answers other queries. */
const NAME_SERVER = `
  const server = require('node:dgram').createSocket('udp4');
  server.on('message', (query, { address, port }) => {
    const isKnown = query.includes('good');
    if (!isKnown) return;
    const isA = query.readUInt16BE(query.indexOf('example') + 8) === 1;
    const head = Buffer.from(query.subarray(0, query.indexOf('example') + 12));
    head.writeUInt16BE(0x8180, 2);
    head.writeUInt16BE(isA ? 1 : 0, 6);
    head.writeUInt32BE(0, 8);
    const record = Buffer.from('c00c000100010000003c00047f000002', 'hex');
    server.send(isA ? Buffer.concat([head, record]) : head, port, address);
  });
  server.bind(53, '127.0.0.1');`;

inPrivateNetwork('names that no server answers delay neither other names, nor the database, nor the exit', async () => {
  const printed = await runInPrivateNetwork(`${NAME_SERVER}
    const { SystemResolver } = require('./dist/bin/names/resolver.js');
    const { lookup } = require('node:dns/promises');
    const resolver = new SystemResolver();
    const results = [];
    server.once('listening', async () => {
      const dead = [1, 2, 3, 4, 5, 6].map((n) => resolver.resolve('dead-' + n + '.example'));
      for (const one of dead) one.then(() => results.push('dead'));
      const good = await resolver.resolve('good.example');
      // As a database driver does.
      const database = await lookup('localhost');
      results.push(good.ips, database.address);
      console.log(JSON.stringify(results));
      process.exit();
    });`);
  expect(JSON.parse(printed)).toEqual([['127.0.0.2'], expect.stringMatching(/^(127\.0\.0\.1|::1)$/)]);
});
