import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const RUN = join(__dirname, '../hostile/run.js');
const { FUZZ_SECONDS = '5', FUZZ_SEED = '', PATH = '' } = process.env;
jest.setTimeout(Number(FUZZ_SECONDS) * 3_000 + 120_000);

/** `FUZZ_SECONDS=60` judges times and memory too; the output names the seed, which `FUZZ_SEED` takes. */
test('attackers on REST, MI, BIN and sockets crash nothing, find no bug, and leave an honest client its right answers', async () => {
  const seed = FUZZ_SEED === '' ? {} : { FUZZ_SEED };
  const run = spawn(process.execPath, [RUN], {
    env: { PATH, FUZZ_SECONDS, ...seed },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let told = '';
  for (const output of [run.stdout, run.stderr]) output.on('data', (data) => (told += data));
  const [code] = await once(run, 'close');
  if (code !== 0) throw new Error(told);
  process.stdout.write(told);
});
