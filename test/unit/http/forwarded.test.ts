import { clientIn, type Forwarded } from '../../../src/http/remote/forwarded.js';

const PROXIES = ['10.0.0.1', '10.0.0.2', '2001:db8::1'];
const client = (headers: Record<string, string>) => clientIn(headers, (ip) => PROXIES.includes(ip));
const told = (ip: string | null, isSecure: boolean | null = null): Forwarded => ({ ip, isSecure });

describe('the client', () => {
  it.each([
    ['is unknown without a header', {}, null],
    ['is the only address', { 'x-forwarded-for': '192.0.2.1' }, '192.0.2.1'],
    ['is not what the client says of itself', { 'x-forwarded-for': '6.6.6.6, 192.0.2.1' }, '192.0.2.1'],
    ['is before all trusted proxies', { 'x-forwarded-for': '6.6.6.6, 192.0.2.1, 10.0.0.2,10.0.0.1' }, '192.0.2.1'],
    ['is the first if all are trusted', { 'x-forwarded-for': '10.0.0.2, 10.0.0.1' }, '10.0.0.2'],
    ['has no port', { 'x-forwarded-for': '192.0.2.1:4711' }, '192.0.2.1'],
    ['has one spelling', { 'x-forwarded-for': '[2001:DB8:0::5]:4711, ::ffff:10.0.0.1' }, '2001:db8::5'],
    ['is unknown if the last entry is malformed', { 'x-forwarded-for': '192.0.2.1, unknown' }, null],
    ['is unknown if the last entry is empty', { 'x-forwarded-for': '192.0.2.1,' }, null],
    ['is the proxy before a malformed entry', { 'x-forwarded-for': '192.0.2.1, x, 10.0.0.2' }, '10.0.0.2'],
    ['has no zone', { 'x-forwarded-for': 'fe80::1%eth0' }, 'fe80::1'],
    ['is in Forwarded', { forwarded: 'for=192.0.2.1' }, '192.0.2.1'],
    ['is in quotes', { forwarded: 'for=6.6.6.6, For="[2001:db8::5]:4711";by=10.0.0.1' }, '2001:db8::5'],
    [
      'is before all proxies in Forwarded',
      { forwarded: 'for=192.0.2.1;proto=https, for="[2001:db8::1]"' },
      '192.0.2.1',
    ],
    ['is unknown if hidden', { forwarded: 'for=192.0.2.1, for=_hidden' }, null],
    ['is the proxy before a hidden one', { forwarded: 'for=unknown, for=10.0.0.2' }, '10.0.0.2'],
    ['is unknown in an element without it', { forwarded: 'for=192.0.2.1, proto=https' }, null],
    ['is not in a malformed element', { forwarded: 'for=192.0.2.1;;' }, null],
    ['is not in an open quote', { forwarded: 'for="192.0.2.1' }, null],
    ['is not hidden by a quote of the client', { forwarded: 'for="6.6.6.6, for=192.0.2.1' }, '192.0.2.1'],
    ['may be in both headers', { forwarded: 'for="192.0.2.1:1"', 'x-forwarded-for': '192.0.2.1' }, '192.0.2.1'],
    ['is what one header tells', { forwarded: 'for=_x', 'x-forwarded-for': '192.0.2.1' }, '192.0.2.1'],
  ])('%s', (_, headers: Record<string, string>, ip) => {
    expect(client(headers)?.ip).toBe(ip);
  });

  it.each([
    ['addresses', { forwarded: 'for=6.6.6.6', 'x-forwarded-for': '192.0.2.1' }],
    [
      'schemes',
      { forwarded: 'for=192.0.2.1;proto=https', 'x-forwarded-for': '192.0.2.1', 'x-forwarded-proto': 'http' },
    ],
  ])('is null if the headers tell two %s', (_, headers) => expect(client(headers)).toBeNull());
});

describe('the scheme', () => {
  it.each([
    ['is that of the client', { forwarded: 'for=192.0.2.1;proto=https, for=10.0.0.2;proto=http' }, '192.0.2.1', true],
    ['is not case-sensitive', { forwarded: 'proto=HTTPS' }, null, true],
    [
      'is not what the client says',
      { forwarded: 'proto=https;for=6.6.6.6, for=192.0.2.1;proto=http' },
      '192.0.2.1',
      false,
    ],
    ['is unknown if it is neither http nor https', { 'x-forwarded-proto': 'gopher' }, null, null],
    ['needs no address', { 'x-forwarded-proto': 'https' }, null, true],
    [
      'belongs to the address',
      { 'x-forwarded-for': '192.0.2.1, 10.0.0.2', 'x-forwarded-proto': 'https, http' },
      '192.0.2.1',
      true,
    ],
    [
      'passes through several proxies',
      { 'x-forwarded-for': '192.0.2.1, 10.0.0.2', 'x-forwarded-proto': 'https' },
      '192.0.2.1',
      true,
    ],
    [
      'is the last of several for one address',
      { 'x-forwarded-for': '192.0.2.1', 'x-forwarded-proto': 'https, http' },
      '192.0.2.1',
      false,
    ],
  ])('%s', (_, headers: Record<string, string>, ip, isSecure) => {
    expect(client(headers)).toEqual(told(ip, isSecure));
  });
});
