import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { startService, stopServicesAfterEach } from '../support/service/service.js';
import { ApiError, Operator } from './operator.js';

stopServicesAfterEach();

describe('a program with TypeScript types generated from openapi.yaml', () => {
  it('compiles under the strictest options, with its own TypeScript', async () => {
    const run = promisify(execFile);
    await run('npm', ['run', '--silent', 'generate'], { cwd: __dirname });
    const tsc = require.resolve('typescript/bin/tsc', { paths: [__dirname] });
    const compiled = run(process.execPath, [tsc, '--project', __dirname]);
    await expect(compiled).resolves.toEqual({ stdout: '', stderr: '' });
  }, 60_000);

  it('provisions, lists, sets down and sends', async () => {
    const service = await startService();
    const operator = new Operator(service.httpUrl);
    expect(await operator.provision(1, 2, 'bin:127.0.0.1:1')).toMatchObject({ machine_id: 2, state: 'up' });
    expect(await operator.provision(1, 3, 'bin:127.0.0.1:2')).toMatchObject({ address: '127.0.0.1:2' });
    expect(await operator.setDown(1, 3)).toMatchObject({ machine_id: 3, state: 'down' });
    expect(await operator.send(1, 'ul')).toEqual(new Map([[2, 'refused']]));
    expect(await operator.addressesOf('temp_disabled')).toEqual(['127.0.0.1:1']);
  });

  it('gets the reason of a refusal as a problem', async () => {
    const service = await startService();
    const refusal = await new Operator(service.httpUrl).provision(1, 2, 'bin:').catch((error: unknown) => error);
    if (!(refusal instanceof ApiError)) throw new Error(`not refused: ${refusal}`);
    expect([refusal.problem.code, refusal.problem.errors?.map(({ pointer }) => pointer)]).toEqual([
      'invalid_input',
      ['/url'],
    ]);
  });

  it('sends its token', async () => {
    const tokens = `me:read:${createHash('sha256').update('secret').digest('hex')}`;
    const { httpUrl } = await startService({ CLUSTERER_TOKENS: tokens });
    expect(await new Operator(httpUrl, 'secret').addressesOf('up')).toEqual([]);
    await expect(new Operator(httpUrl).addressesOf('up')).rejects.toMatchObject({ problem: { code: 'unauthorized' } });
  });
});
