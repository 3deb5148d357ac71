import { failureOf, lineOf, refusal } from '../../../src/cli/failure.js';
import { ClientError } from '../../../src/client/error.js';

describe('a failure', () => {
  it('is told in one line, with every field that the detail leaves out', () => {
    const detail = 'machine_id is missing.\n';
    const errors = [
      { pointer: '/machine_id', detail: 'is missing' },
      { pointer: '/url', detail: 'must be a text' },
    ];
    const failure = refusal({ code: 'invalid_input', detail, errors });
    expect(lineOf(failure)).toBe('clusterer: machine_id is missing.  url: must be a text.\n');
    expect(failure.exitCode).toBe(1);
  });

  it.each([
    [new ClientError('connection_lost', 'lost'), 3],
    [new ClientError('unreachable', 'gone', { status: 502 }), 3],
    [new ClientError('invalid_input', 'url must be a url'), 2],
    [new ClientError('invalid_input', 'cluster_id is too large', { status: 400 }), 1],
    [new ClientError('token_withdrawn', 'withdrawn'), 1],
    [new Error('no space left'), 1],
  ])('by %s has its exit code', (error, exitCode) => {
    expect(failureOf(error)).toMatchObject({ exitCode, message: expect.stringContaining(error.message) });
  });
});
