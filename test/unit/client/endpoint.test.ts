import { endpointOf } from '../../../src/client/endpoint.js';

describe('the address of a service', () => {
  it.each([
    ['http://127.0.0.1:8080', 'ws://127.0.0.1:8080/ws'],
    ['http://127.0.0.1:8080/', 'ws://127.0.0.1:8080/ws'],
    ['ws://127.0.0.1:8080/ws', 'ws://127.0.0.1:8080/ws'],
    ['https://c.example', 'wss://c.example/ws'],
    ['wss://c.example:8443/ws/', 'wss://c.example:8443/ws'],
    ['https://c.example/behind/a/proxy/', 'wss://c.example/behind/a/proxy/ws'],
    ['http://[::1]:8080/?a=b#c', 'ws://[::1]:8080/ws?a=b'],
  ])('may be written as %s', (url, socketUrl) => {
    expect(endpointOf(url, undefined, 'clusterer.v1').url).toBe(socketUrl);
  });

  it.each(['', 'c.example', 'localhost:8080', 'ftp://c.example'])('is not %j', (url) => {
    expect(() => endpointOf(url, undefined, 'clusterer.v1')).toThrow('as in http://127.0.0.1:8080');
  });

  it('comes with a token that fits into a header, or with none', () => {
    expect(endpointOf('http://c', 'a+b/c=', 'clusterer.v1').token).toBe('a+b/c=');
    expect(endpointOf('http://c', '', 'clusterer.v1').token).toBeUndefined();
    for (const token of ['a b', 'a\n', 'ä']) {
      expect(() => endpointOf('http://c', token, 'clusterer.v1')).toThrow('token must be');
    }
  });

  it('comes with a subprotocol that is spoken', () => {
    expect(() => endpointOf('http://c', undefined, 'clusterer.v2' as never)).toThrow('subprotocol must be');
  });
});
