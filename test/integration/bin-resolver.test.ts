import { SystemResolver } from '../../src/bin/resolver.js';

describe('the system resolver', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['2001:DB8::0:1', '2001:db8::1'],
  ])('answers %s with %s', async (host, ip) => {
    expect(await new SystemResolver().resolve(host)).toBe(ip);
  });

  it('finds the address of a name', async () => {
    const resolver = new SystemResolver();
    const answers = await Promise.all([resolver.resolve('localhost'), resolver.resolve('localhost')]);
    expect(['127.0.0.1', '::1']).toContain(answers[0]);
    expect(answers[1]).toBe(answers[0]);
  });

  it('answers null for a name that has no address', async () => {
    const labelTooLong = 'a'.repeat(64);
    expect(await new SystemResolver().resolve(`${labelTooLong}.example`)).toBeNull();
  });
});
