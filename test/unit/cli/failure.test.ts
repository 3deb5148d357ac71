import { failureOf, lineOf } from '../../../src/cli/failure.js';
import { ClientError } from '../../../src/client/error.js';

describe('a failure', () => {
  it('is one line, with every field that the detail leaves out', () => {
    const detail = 'machine_id is missing.\n';
    const errors = [
      { pointer: '/machine_id', detail: 'is missing' },
      { pointer: '/url', detail: 'must be a text' },
    ];
    const failure = failureOf(new ClientError('invalid_input', detail, { status: 400, errors }));
    expect(lineOf(failure)).toBe('clusterer: machine_id is missing.  url: must be a text.\n');
    expect(failure.exitCode).toBe(2);
  });

  it.each([
    [new ClientError('connection_lost', 'lost'), 3],
    [new ClientError('unreachable', 'gone', { status: 502 }), 3],
    [new ClientError('invalid_input', 'url must be a url'), 2],
    [new ClientError('invalid_input', 'cluster_id is too large', { status: 400 }), 2],
    [new ClientError('protocol_not_supported', 'udp is not carried', { status: 400 }), 2],
    [new ClientError('unknown_cluster', 'no cluster', { status: 404 }), 1],
    [new ClientError('token_withdrawn', 'withdrawn'), 1],
    [new Error('no space left'), 1],
  ])('from %s has its exit code', (error, exitCode) => {
    expect(failureOf(error)).toMatchObject({ exitCode, message: expect.stringContaining(error.message) });
  });

  it('for an unauthorized request says whether a token was set, and where', () => {
    const unauthorized = new ClientError('unauthorized', 'Send a valid token: Authorization: Bearer …', {
      status: 401,
    });
    expect(failureOf(unauthorized).message).toBe('The service requires a token. Set --token or CLUSTERER_TOKEN.');
    expect(failureOf(unauthorized, '--token').message).toMatch(/^The service rejected the token in --token\. /);
  });
});
