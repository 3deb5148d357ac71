import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startService, stopServicesAfterEach } from '../support/service/service.js';
import { Terminal } from '../support/service/terminal.js';

const ROOT = join(__dirname, '../..');
const [, COMMANDS = ''] =
  /^```bash command-line\n(.*?)^```$/ms.exec(readFileSync(join(ROOT, 'README.md'), 'utf8')) ?? [];

/** npx takes its time. */
jest.setTimeout(60_000);
stopServicesAfterEach();

test('the README’s commands do what it says', async () => {
  const service = await startService();
  await service.provision(1, 2, 'bin:127.0.0.2:5555');
  const terminal = new Terminal(ROOT);
  try {
    await terminal.run(`export CLUSTERER_URL=${service.httpUrl}`);
    const [list, drain, up, send, watch, ...none] = COMMANDS.trim().split('\n');
    expect(none).toEqual([]);
    expect(await terminal.run(list)).toMatch(/^1 +2 +up /m);
    expect(await terminal.run(drain)).toMatch(/^1 +2 +down /m);
    expect((await service.request('GET', '/clusters/1/machines/2')).body.drain).toMatchObject({
      reason: 'kernel update',
      until: expect.any(String),
    });
    expect(await terminal.run(up)).toMatch(/^1 +2 +up /m);
    expect(await terminal.run(send)).toMatch(/^2 +no +refused$/m);
    terminal.start(watch);
    await terminal.shows(/\d {2}1 machine, 0 registrations; /);
  } finally {
    await terminal.close();
  }
});
