import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { clusterer, endCommandsAfterEach } from '../support/service/command-line.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

const MAIN = resolve(__dirname, '../../dist/cli/main.js');

/** A process takes a second to start on a busy machine. */
jest.setTimeout(60_000);
endCommandsAfterEach();
stopServicesAfterEach();

async function serviceWithMachine() {
  const service = await startService();
  await service.provision(1, 2, 'bin:127.0.0.2:5555');
  return service;
}

/** Runs `clusterer … | reader` in a shell. Returns the exit code of `clusterer`, and all output. */
async function piped(args: string, reader: string, url = 'http://127.0.0.1:1') {
  const command = `clusterer() { "${process.execPath}" "${MAIN}" "$@"; }; clusterer ${args} | ${reader}; exit "\${PIPESTATUS[0]}"`;
  const { PATH = '' } = process.env;
  const shell = spawn('bash', ['-c', command], {
    env: { PATH, CLUSTERER_URL: url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = Promise.all([text(shell.stdout), text(shell.stderr)]);
  const [exitCode] = await once(shell, 'close');
  const [stdout, stderr] = await output;
  return { exitCode, stdout, stderr };
}

/** A reader that closes the pipe long before Node has started. */
const CLOSED = 'exec 0<&-';

describe('with a closed pipe', () => {
  const quiet = { exitCode: 0, stdout: '', stderr: '' };

  test.each([
    ['--help'],
    ['help list'],
    ['list --help'],
    ['serve --help'],
    ['token me read'],
    ['token me read --json'],
  ])('clusterer %s exits with 0 and prints nothing', async (args) => {
    expect(await clusterer(args.split(' '), { fault: 'EPIPE' })).toEqual(quiet);
  });

  test.each([['list'], ['list --json'], ['status 1 2 down'], ['drain 1 2'], ['reload'], ['watch']])(
    'clusterer %s sends its request, exits with 0 and prints nothing',
    async (args) => {
      const { httpUrl } = await serviceWithMachine();
      const run = clusterer(args.split(' '), { env: { CLUSTERER_URL: httpUrl }, fault: 'EPIPE' });
      expect(await run).toEqual(quiet);
    },
  );

  test.each([['--help'], ['list'], ['watch']])('the process of clusterer %s exits with 0 too', async (args) => {
    const { httpUrl } = await serviceWithMachine();
    expect(await piped(args, CLOSED, httpUrl)).toEqual(quiet);
  });
});

test('help is cut off where its reader stops', async () => {
  const { exitCode, stdout, stderr } = await piped('--help', 'head -1');
  expect([exitCode, stdout, stderr]).toEqual([0, 'Usage: clusterer [options] [command]\n', '']);
});

test('a watch ends at the first line that its reader does not take', async () => {
  const service = await serviceWithMachine();
  const run = piped('watch', 'head -1', service.httpUrl);
  let ended = false;
  void run.finally(() => {
    ended = true;
  });
  for (let down = true; !ended; down = !down) {
    await service.request('PUT', '/clusters/1/machines/2/status', { status: down ? 'down' : 'up' });
  }
  const { exitCode, stdout, stderr } = await run;
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^\S+ {2}1 machine, .*\n$/);
});

test.each([
  ['lst', 2],
  ['', 2],
  ['watch', 3],
])('clusterer %s keeps its exit code when standard error is a closed pipe', async (args, exitCode) => {
  expect(await piped(`${args} 2>&1 >/dev/null`, CLOSED)).toEqual({ exitCode, stdout: '', stderr: '' });
});

describe('on a full disk', () => {
  test.each([['--help'], ['token me read']])('clusterer %s fails with one line', async (args) => {
    const ended = await clusterer(args.split(' '), { fault: 'ENOSPC' });
    expect(ended).toEqual({ exitCode: 1, stdout: '', stderr: 'clusterer: ENOSPC, write\n' });
  });

  test('the process fails with one line too', async () => {
    const { exitCode, stderr } = await piped('--help >/dev/full', 'cat');
    expect([exitCode, stderr]).toEqual([1, 'clusterer: ENOSPC: no space left on device, write\n']);
  });
});
