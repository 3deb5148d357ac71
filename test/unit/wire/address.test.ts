import { canonicalIp, formatAddress } from '../../../src/wire/address.js';

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
  it('puts IPv6 into brackets and IPv4 not', () => {
    expect(formatAddress('::1', 5555)).toBe('[::1]:5555');
    expect(formatAddress('10.0.0.1', 5555)).toBe('10.0.0.1:5555');
  });
});
