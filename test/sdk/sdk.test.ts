import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startService, stopServicesAfterEach } from '../support/service/service.js';
import { ApiError, type Operator } from './operator.js';

stopServicesAfterEach();

const run = promisify(execFile);
/** That of the service, TypeScript 7; npm run check compiles the programs with TypeScript 5 too. */
const TSC = join(__dirname, '../../node_modules/typescript/bin/tsc');

/** A program for each generator of clients. */
const PROGRAMS = ['openapi-typescript', 'hey-api', 'orval', 'oazapfts', 'swagger-typescript-api'];

// Takes 10 s, but only for a new document or new generators: npm run check has generated them before.
beforeAll(() => run(process.execPath, [join(__dirname, 'generate.mjs')]), 300_000);

/** The programs need the generated clients, so they are loaded afterwards. */
function operatorOf(program: string, url: string, token?: string): Operator {
  return require(`./programs/${program}.ts`).operator(url, token);
}

/** Returns the problem document of a call that must be refused. */
async function problemOf(call: Promise<unknown>): Promise<ApiError['problem']> {
  const refusal = await call.catch((error: unknown) => error);
  if (refusal instanceof ApiError) return refusal.problem;
  throw new Error(`not refused: ${JSON.stringify(refusal)}`);
}

test.each([
  ['strict mode', 'tsconfig.json'],
  ['exactOptionalPropertyTypes, where the code of the generators allows it', 'tsconfig.exact.json'],
])(
  'the programs and the generated clients compile with %s',
  async (_options, project) => {
    const compiled = run(process.execPath, [TSC, '--project', join(__dirname, project)]);
    await expect(compiled).resolves.toEqual({ stdout: '', stderr: '' });
  },
  60_000,
);

describe.each(PROGRAMS)('a program on the client of %s', (program) => {
  it('creates, lists, reads, changes, drains and removes a machine', async () => {
    const { httpUrl } = await startService();
    const operator = operatorOf(program, httpUrl);
    const created = await operator.create(1, 2, 'bin:127.0.0.1:1');
    expect(created.machine).toMatchObject({ machine_id: 2, state: 'up', description: null });
    expect(await operator.list(1)).toMatchObject([{ machine_id: 2 }]);
    expect(await operator.read(1, 2)).toEqual(created);
    const described = await operator.describe(1, 2, 'sip-2', created.etag);
    expect(described.machine.description).toBe('sip-2');
    expect(described.etag).not.toBe(created.etag);
    expect(await operator.drain(1, 2, 'kernel')).toMatchObject({ state: 'down', drain: { reason: 'kernel' } });
    await operator.remove(1, 2);
    expect((await problemOf(operator.read(1, 2))).code).toBe('unknown_cluster');
  });

  it('gets the machine as it is, when another program changed it first', async () => {
    const { httpUrl } = await startService();
    const operator = operatorOf(program, httpUrl);
    const { etag } = await operator.create(1, 2, 'bin:127.0.0.1:1');
    await operator.describe(1, 2, 'first', etag);
    const problem = await problemOf(operator.describe(1, 2, 'second', etag));
    expect([problem.status, problem.code, problem.machine?.description]).toEqual([412, 'precondition_failed', 'first']);
  });

  it('gets the reason of a refusal as a problem that names the field', async () => {
    const { httpUrl } = await startService();
    const problem = await problemOf(operatorOf(program, httpUrl).create(1, 2, 'bin:'));
    expect([problem.code, problem.errors?.map(({ pointer }) => pointer)]).toEqual(['invalid_input', ['/url']]);
  });

  it('calls MI commands', async () => {
    const { httpUrl } = await startService();
    const operator = operatorOf(program, httpUrl);
    await operator.create(1, 2, 'bin:127.0.0.1:1');
    expect(await operator.mi('clusterer_set_status', ['1', '2', '0'])).toBe('OK');
    expect((await operator.read(1, 2)).machine.state).toBe('down');
  });

  it('sends its token', async () => {
    const tokens = `me:read:${createHash('sha256').update('secret').digest('hex')}`;
    const { httpUrl } = await startService({ CLUSTERER_TOKENS: tokens });
    expect((await problemOf(operatorOf(program, httpUrl, 'secret').list(1))).code).toBe('unknown_cluster');
    expect((await problemOf(operatorOf(program, httpUrl).list(1))).code).toBe('unauthorized');
  });
});

describe('a program on the types of openapi-typescript', () => {
  const senderOf = (url: string) => require('./programs/openapi-typescript.ts').operator(url);

  it('sends packets, and sees which machine did not get them', async () => {
    const { httpUrl } = await startService();
    const sender = senderOf(httpUrl);
    await sender.create(1, 2, 'bin:127.0.0.1:1');
    expect(await sender.send(1, 'ul')).toEqual(new Map([[2, 'refused']]));
  });

  it('sends packets by name, with the fields that the types know', async () => {
    const service = await startService();
    const sender = senderOf(service.httpUrl);
    await sender.create(1, 2, `bin:127.0.0.1:${service.bin.port}`);
    expect(await sender.forget(1, 'alice')).toEqual([2]);
    await expect(sender.forgetWrongly(1)).rejects.toMatchObject({ problem: { errors: [{ pointer: '/fields/aor' }] } });
  });
});
