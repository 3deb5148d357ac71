import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

const MAIN = resolve(__dirname, '../../dist/cli/main.js');

/** Starting a process takes a second on a busy machine. */
jest.setTimeout(60_000);
stopServicesAfterEach();

/** What the shell says of `clusterer … | reader`: the exit code of `clusterer`, and all that anybody printed. */
async function piped(args: string, reader: string, url = 'http://127.0.0.1:1') {
  const command = `clusterer() { "${process.execPath}" "${MAIN}" "$@"; }; clusterer ${args} | ${reader}; exit "\${PIPESTATUS[0]}"`;
  const { PATH = '' } = process.env;
  const shell = spawn('bash', ['-c', command], {
    env: { PATH, CLUSTERER_URL: url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = Promise.all([text(shell.stdout), text(shell.stderr)]);
  const [exitCode] = await once(shell, 'close');
  const [stdout, stderr] = await said;
  return { exitCode, stdout, stderr };
}

/** Reads nothing, and is gone long before Node has started. */
const NOBODY = 'exec 0<&-';

test.each([['--help'], ['help list'], ['list --help'], ['serve --help'], ['token me read'], ['token me read --json']])(
  'clusterer %s ends with 0 and says nothing where nobody reads it',
  async (args) => {
    expect(await piped(args, NOBODY)).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  },
);

test.each([['list'], ['list --json'], ['status 1 2 down'], ['drain 1 2'], ['reload'], ['watch']])(
  'clusterer %s asks its service, ends with 0 and says nothing where nobody reads it',
  async (args) => {
    const service = await startService();
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    expect(await piped(args, NOBODY, service.httpUrl)).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  },
);

test('help of which somebody reads the first line is cut off there', async () => {
  const { exitCode, stdout, stderr } = await piped('--help', 'head -1');
  expect([exitCode, stdout, stderr]).toEqual([0, 'Usage: clusterer [options] [command]\n', '']);
});

test('a watch of which somebody reads the first line ends with the next one', async () => {
  const service = await startService();
  await service.provision(1, 2, 'bin:127.0.0.2:5555');
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
  ['drain 1 2 --for soon', 2],
  ['list', 3],
  ['watch', 3],
])('clusterer %s keeps its exit code where nobody reads standard error', async (args, exitCode) => {
  expect(await piped(`${args} 2>&1 >/dev/null`, NOBODY)).toEqual({ exitCode, stdout: '', stderr: '' });
});

test.each([['--help'], ['token me read']])('clusterer %s says in one line that the disk is full', async (args) => {
  const { exitCode, stderr } = await piped(`${args} >/dev/full`, 'cat');
  expect([exitCode, stderr]).toEqual([1, 'clusterer: ENOSPC: no space left on device, write\n']);
});
