import { execFileSync, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

/** Starting a process takes a second on a busy machine. */
jest.setTimeout(30_000);
stopServicesAfterEach();

const COMMAND_LINE = resolve(__dirname, '../../dist/cli/main.js');

/** A token and its entry, as `npm run token -- NAME ROLE` prints them. */
function newToken(name: string, role: string): { readonly token: string; readonly entry: string } {
  const printed = execFileSync(process.execPath, [COMMAND_LINE, 'token', name, role], { encoding: 'utf8' });
  const [token = '', entry = ''] = printed
    .trim()
    .split('\n')
    .map((line) => line.split(':  ')[1]);
  return { token, entry };
}

describe('the token command', () => {
  it('prints a token and its entry, a different one each time', async () => {
    const [one, two] = [newToken('ops', 'read'), newToken('ops', 'operate')];
    expect(one.entry).toMatch(/^ops:read:[0-9a-f]{64}$/);
    const service = await startService({ CLUSTERER_TOKENS: `${one.entry},${two.entry}` });
    for (const [{ token }, status] of [
      [one, 403],
      [two, 200],
    ] as const) {
      const answer = await service.request('POST', '/reload', undefined, { authorization: `Bearer ${token}` });
      expect(answer.status).toBe(status);
    }
  });

  it.each([
    [['ops'], "missing required argument 'role' (see --help)"],
    [['ops', 'boss'], 'Allowed choices are read, module, operate. (see --help)'],
    [['o ps', 'read'], 'a name is 1 to 64 letters, digits and _ . @ -'],
  ])('says what is wrong with the arguments %j', (args, fault) => {
    const run = spawnSync(process.execPath, [COMMAND_LINE, 'token', ...args], { encoding: 'utf8' });
    expect([run.status, run.stdout]).toEqual([2, '']);
    expect(run.stderr).toMatch(/^clusterer: .*\n$/);
    expect(run.stderr).toContain(fault);
  });
});

test('a rejection on each interface is logged with who, what and why, without a secret', async () => {
  const [reader, module] = [newToken('reader', 'read'), newToken('module', 'module')];
  const service = await startService({ CLUSTERER_TOKENS: `${reader.entry},${module.entry}` });
  const bearer = { authorization: `Bearer ${reader.token}` };
  await service.request('POST', '/reload', undefined, bearer);
  const mi = { jsonrpc: '2.0', id: 1, method: 'clusterer_reload' };
  expect((await service.request('POST', '/mi', mi, bearer)).body.error).toMatchObject({ code: 403 });
  const socket = await service.socket(['clusterer.v1'], bearer);
  await expect(socket.call('send_to', {})).rejects.toMatchObject({ code: 403 });
  await service.request('GET', '/nodes?token=in-the-address', undefined, { authorization: 'Bearer guessed-secret' });
  const sender = await service.socket(['clusterer.v1'], { authorization: `Bearer ${module.token}` });
  const { registration } = await sender.call('register_module', {
    module: 'ul',
    protocol: 'bin',
    timeout: 0,
    auth_check: false,
    cluster_id: 0,
  });

  const lines = service.logLines.filter(({ door }) => door !== undefined);
  expect(
    lines.map(({ door, reason, caller, address, what, msg }) => [door, reason, caller, address, what, msg]),
  ).toEqual([
    [
      'http',
      'forbidden',
      'reader',
      '127.0.0.1',
      'POST /reload',
      'refused: This requires a token with the role operate; yours has read.',
    ],
    [
      'mi',
      'forbidden',
      'reader',
      '127.0.0.1',
      'clusterer_reload',
      'refused: This requires a token with the role operate; yours has read.',
    ],
    [
      'ws',
      'forbidden',
      'reader',
      '127.0.0.1',
      'send_to',
      'refused: This requires a token with the role module; yours has read.',
    ],
    ['http', 'unauthorized', null, '127.0.0.1', 'GET /nodes', 'refused: Send a valid token: Authorization: Bearer …'],
  ]);
  const log = JSON.stringify(service.logLines);
  for (const secret of [reader.token, module.token, registration, 'guessed-secret', 'in-the-address']) {
    expect(log).not.toContain(secret);
  }
  expect(log).not.toMatch(/[0-9a-f]{64}/);
});
