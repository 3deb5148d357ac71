import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';
import { Terminal, WITHOUT_NPX } from '../support/service/terminal.js';

const ROOT = join(__dirname, '../..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

const terminals: Terminal[] = [];
afterEach(() => Promise.all(terminals.splice(0).map((terminal) => terminal.close())));
stopServicesAfterEach();

/** The tour's blocks in order, each with its terminal, at this service's ports and with a shorter time-out. */
function tour(service: TestService): { readonly terminal: number; readonly commands: string }[] {
  const blocks = [...README.matchAll(/^```bash terminal-(\d)\n(.*?)^```$/gms)];
  return blocks.map(([, terminal, commands = '']) => ({
    terminal: Number(terminal),
    commands: commands
      .replaceAll('8080', new URL(service.httpUrl).port)
      .replaceAll('5555', String(service.bin.port))
      .replaceAll('--timeout 5', '--timeout 2'),
  }));
}

test('the README’s tour shows what it says', async () => {
  const service = await startService();
  const [one, two] = [new Terminal(ROOT), new Terminal(ROOT)] as const;
  terminals.push(one, two);
  // The first npx links this package, and would build it again below the tests that run it.
  const settings = `CLUSTERER_URL=${service.httpUrl} npm_config_ignore_scripts=true`;
  for (const terminal of terminals) await terminal.run(`export ${settings}`);
  const blocks = tour(service);
  expect(blocks.map(({ terminal }) => terminal)).toEqual([1, 2, 1, 1]);
  const [provision, listen, send, takeOut] = blocks.map(({ commands }) => commands);

  expect(await one.run(provision)).toMatch(/^1 +2 +up +bin:127\.0\.0\.1:\d+ .*\n1 +3 +up /m);

  // npx has found the command once.
  for (const terminal of terminals) await terminal.run(WITHOUT_NPX);
  two.start(listen);
  await service.logLine({ msg: 'module registered' });
  const sent = await one.run(send);
  expect(sent.match(/^2 +yes/gm)).toHaveLength(2);
  expect(sent.match(/^3 +no +refused/gm)).toHaveLength(2);
  expect(sent).toMatch(/^1 +3 +temp_disabled /m);
  await two.shows(/machine 0 {2}aor_insert {2}alice/);
  await service.logLine({ machine_id: 3, to: 'up' });

  await two.shows(/machine 2 .*silent for 2/);
  await two.shows(/machine 3 .*silent for 2/);

  const taken = await one.run(takeOut);
  expect(taken).toMatch(/^1 +2 +down /m);
  expect(taken).toMatch(/^1 +2 +up /m);
  expect(taken).toContain('"reason":"kernel update"');
  await two.shows(/machine 2 +up/);
  await two.shows(/machine 3 +up/);
}, 120_000);
