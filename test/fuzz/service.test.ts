import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const RUN = join(__dirname, '../hostile/run.js');
const { FUZZ_SECONDS = '5', FUZZ_SEED = '', PATH = '' } = process.env;
jest.setTimeout(Number(FUZZ_SECONDS) * 3_000 + 120_000);

/** From `FUZZ_SECONDS=60` on, times and memory are checked too. The output has the random seed; `FUZZ_SEED` repeats it. */
test('attackers on REST, MI, BIN and sockets cause no crash, no bug and no wrong response to an honest client', async () => {
  const seed = FUZZ_SEED === '' ? {} : { FUZZ_SEED };
  const run = spawn(process.execPath, [RUN], {
    env: { PATH, FUZZ_SECONDS, ...seed },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const output of [run.stdout, run.stderr]) output.on('data', (data) => (text += data));
  const [code] = await once(run, 'close');
  if (code !== 0) throw new Error(text);
  process.stdout.write(text);
});
