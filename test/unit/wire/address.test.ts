import { canonicalIp, formatAddress, ipOf, networkOf } from '../../../src/wire/address.js';

describe('canonicalIp', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::FFFF:127.0.0.1', '127.0.0.1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['127.1', null],
    ['0177.0.0.1', null],
    ['10.0.0.999', null],
    ['sip1.example', null],
    ['', null],
  ])('spells %j as %j', (text, canonical) => {
    expect(canonicalIp(text)).toBe(canonical);
  });
});

describe('formatAddress', () => {
  it('puts brackets around IPv6 only', () => {
    expect(formatAddress('::1', 5555)).toBe('[::1]:5555');
    expect(formatAddress('10.0.0.1', 5555)).toBe('10.0.0.1:5555');
  });
});

describe('ipOf', () => {
  test.each([
    ['127.0.0.2', '127.0.0.2'],
    ['127.0.0.2:5555', '127.0.0.2'],
    ['127.0.0.2:99999', null],
    ['127.0.0.2:', null],
    ['[::1]:5555', '::1'],
    ['[::1]', '::1'],
    ['::1', '::1'],
    ['::ffff:127.0.0.2', '127.0.0.2'],
    ['[::ffff:127.0.0.2]:1', '127.0.0.2'],
    ['[127.0.0.2]:1', null],
    ['sip1.example:5555', null],
  ])('reads %j as %j', (text, ip) => {
    expect(ipOf(text)).toBe(ip);
  });
});

describe('networkOf', () => {
  test.each([
    ['10.0.0.1', '10.0.0.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['::1', '::/64'],
    ['', ''],
  ])('puts %j into %j', (ip, network) => {
    expect(networkOf(ip)).toBe(network);
  });
});
