import fc from 'fast-check';
import { clientIn } from '../../src/http/remote/forwarded.js';
import { formatAddress } from '../../src/wire/address.js';

/** 10.0.0.0/8 is trusted, everything else is not. */
const isTrusted = (ip: string) => ip.startsWith('10.');

const proxy = fc.ipV4().map((ip) => ip.replace(/^\d+/, '10'));
const client = fc.ipV4().filter((ip) => !isTrusted(ip));
/** Characters that a header may have, those of the grammar more often. */
const forged = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...'",;=\\ for[]:.0123456789'),
    fc.integer({ min: 32, max: 255 }).map((code) => String.fromCharCode(code)),
  ),
});

const forms = {
  'X-Forwarded-For': (ips: readonly string[], before: string) => ({
    'x-forwarded-for': [before, ...ips].join(', '),
  }),
  Forwarded: (ips: readonly string[], before: string) => ({
    forwarded: [before, ...ips.map((ip) => `for="${formatAddress(ip, 4711)}";proto=https`)].join(', '),
  }),
};

describe.each(Object.entries(forms))('%s', (_, headersOf) => {
  it('tells the client that the first trusted proxy saw, whatever the client sends', () => {
    fc.assert(
      fc.property(client, fc.array(proxy, { maxLength: 5 }), forged, (ip, proxies, before) => {
        expect(clientIn(headersOf([ip, ...proxies], before), isTrusted)?.ip).toBe(ip);
      }),
    );
  });

  it('never throws, and tells an IP address or nothing', () => {
    fc.assert(
      fc.property(fc.array(proxy, { maxLength: 3 }), forged, (proxies, before) => {
        const ip = clientIn(headersOf(proxies, before), isTrusted)?.ip;
        if (ip !== null) expect(ip).toMatch(/^[\d.]+$|^[\da-f:]+$/);
      }),
    );
  });
});
