import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

jest.setTimeout(180_000);

/** One of each kind that needs no long wait. */
const BENCHES = ['relay-binary', 'decoded', 'dialects', 'send-to', 'list-nodes', 'engine', 'start', 'idle-memory'];

/** They read the processor time from /proc. */
const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux.each(BENCHES)('the benchmark %s runs, and prints a ratio', async (name) => {
  const run = join(__dirname, '../../bench/run.js');
  const { stdout } = await promisify(execFile)(process.execPath, [run, '--quick', '--rounds', '1', '--only', name]);
  expect(stdout).toMatch(new RegExp(`^${name}: .+ratio [\\d.]+ .+ baseline [\\d,]+`, 'm'));
});
