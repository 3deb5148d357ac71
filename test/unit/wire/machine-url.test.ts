import { PROTOCOLS, parseMachineUrl } from '../../../src/wire/machine-url.js';

describe('parseMachineUrl', () => {
  test.each([
    ['bin:127.0.0.2:5555', { protocol: 'bin', host: '127.0.0.2', port: 5555 }],
    ['BIN:sip1.example:5566', { protocol: 'bin', host: 'sip1.example', port: 5566 }],
    ['sip1.example:5555', { protocol: 'udp', host: 'sip1.example', port: 5555 }],
    ['10.0.0.1', { protocol: 'udp', host: '10.0.0.1', port: 5060 }],
    ['10.0.0.1:5070', { protocol: 'udp', host: '10.0.0.1', port: 5070 }],
    ['sip:5070', { protocol: 'udp', host: 'sip', port: 5070 }],
    ['constructor:5070', { protocol: 'udp', host: 'constructor', port: 5070 }],
    ['[::1]', { protocol: 'udp', host: '::1', port: 5060 }],
    ['[::1]:5555', { protocol: 'udp', host: '::1', port: 5555 }],
    ['bin:[2001:DB8:0::5]', { protocol: 'bin', host: '2001:db8::5', port: 5555 }],
    ['bin:[::ffff:10.0.0.1]:1', { protocol: 'bin', host: '10.0.0.1', port: 1 }],
    ['bin:opensips_1:65535', { protocol: 'bin', host: 'opensips_1', port: 65535 }],
    ['bin:sip1.example.', { protocol: 'bin', host: 'sip1.example.', port: 5555 }],
  ])('reads %s', (url, parsed) => {
    expect(parseMachineUrl(url)).toEqual(parsed);
  });

  test.each([
    ['udp', 5060],
    ['tcp', 5060],
    ['tls', 5061],
    ['sctp', 5060],
    ['ws', 80],
    ['wss', 443],
    ['bin', 5555],
    ['bins', 5556],
    ['hep', 9060],
    ['hep_udp', 9060],
    ['hep_tcp', 9060],
  ])('gives %s the default port %i', (protocol, port) => {
    expect(parseMachineUrl(`${protocol}:sip1.example`)).toEqual({ protocol, host: 'sip1.example', port });
    expect(PROTOCOLS).toContain(protocol);
  });

  test.each([
    ['sip:sip1.example', 'protocols'],
    ['http://sip1.example', 'protocols'],
    ['user:secret@sip1.example', 'protocols'],
    ['', 'host'],
    ['bin:', 'host'],
    ['bin:5555', 'host'],
    ['5555', 'IPv4'],
    ['bin:10.0.0.999', 'IPv4'],
    ['bin:10.1', 'IPv4'],
    ['bin:0x7f000001', 'IPv4'],
    ['bin:sip1..example', 'host'],
    ['bin:-sip1', 'host'],
    ['bin:sip 1', 'host'],
    ['bin:sïp', 'host'],
    ['bin:[10.0.0.1]', 'IPv6'],
    ['bin:[::1', 'brackets'],
    ['bin:[fe80::1%eth0]', 'zone'],
    ['bin:[::1]5555', 'port'],
    ['::1', 'brackets'],
    ['2001:db8::beef', 'brackets'],
    ['2001:db8::1:99999', 'brackets'],
    ['fe80::1%eth0', 'brackets'],
    ['::ffff:10.0.0.1', 'brackets'],
    ['bin:::1', 'brackets'],
    ['bin:::1:5555', 'brackets'],
    ['bin:2001:db8::beef', 'brackets'],
    ['bin:2001:db8::', 'brackets'],
    ['bin:fe80::1%eth0', 'brackets'],
    ['bin://10.0.0.1:5555', 'no slashes: write bin:host:port, as in bin:10.0.0.1:5555'],
    ['BINS://sip1.example', 'no slashes: write bins:host:port'],
    ['bin://[::1]:5555', 'no slashes'],
    ['bin:10.0.0.1:5555/', 'no slashes'],
    ['bin:fe80::1', 'brackets'],
    ['bin:sip1:0', 'port'],
    ['bin:sip1:65536', 'port'],
    ['bin:sip1:', 'port'],
    ['sip1:99999', 'port'],
    [`bin:${'a'.repeat(61)}`, '64 characters'],
  ])('rejects %j with a fault that says what to write', (url, hint) => {
    expect(parseMachineUrl(url)).toEqual({ fault: expect.stringContaining(hint) });
  });

  it('accepts a url of 64 characters', () => {
    const host = `${'a'.repeat(30)}.${'b'.repeat(29)}`;
    expect(parseMachineUrl(`bin:${host}`)).toEqual({ protocol: 'bin', host, port: 5555 });
  });

  it('never repeats the url in a fault, since it may contain a password', () => {
    expect(JSON.stringify(parseMachineUrl('bin:user:secret@sip1.example'))).not.toContain('secret');
  });
});
