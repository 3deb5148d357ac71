import { endpointOf } from '../../../src/client/transport/endpoint.js';
import { connectError } from '../../../src/client/transport/loss.js';

describe('the URL of a service', () => {
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
    expect(() => endpointOf(url, undefined, 'clusterer.v1')).toThrow('such as http://127.0.0.1:8080');
  });

  it.each([
    'http://me:secret@c.example',
    'http://me:1/secret@c.example',
    'http://me:1?secret@c.example',
    'http://me:1#secret@c.example',
    'http://me:se/cret@c.example',
  ])('must not contain a user or password, and errors do not show them: %s', (url) => {
    expect(() => endpointOf(url, undefined, 'clusterer.v1')).toThrow(/^url must /);
    expect(() => endpointOf(url, undefined, 'clusterer.v1')).not.toThrow(/cret/);
  });

  it('appears without its query when there is no service', () => {
    const loss = { code: 1006, reason: 'connect ECONNREFUSED' };
    const { message } = connectError(loss, endpointOf('http://c?key=secret', undefined, 'clusterer.v1').url);
    expect(message).toContain('There is no service at ws://c/ws: connect ECONNREFUSED.');
  });

  it('comes with a token that is valid in a header, or with none', () => {
    expect(endpointOf('http://c', 'a+b/c=', 'clusterer.v1').token).toBe('a+b/c=');
    expect(endpointOf('http://c', '', 'clusterer.v1').token).toBeUndefined();
    for (const token of ['a b', 'a\n', 'ä']) {
      expect(() => endpointOf('http://c', token, 'clusterer.v1')).toThrow('token must consist of');
    }
  });

  it('comes with a known subprotocol', () => {
    expect(() => endpointOf('http://c', undefined, 'clusterer.v2' as never)).toThrow('subprotocol must be');
  });
});
