import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';
import { Terminal } from '../support/service/terminal.js';

const ROOT = join(__dirname, '../..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

const terminals: Terminal[] = [];
afterEach(() => Promise.all(terminals.splice(0).map((terminal) => terminal.close())));
stopServicesAfterEach();

/** The tour's blocks in order, each with the terminal it is for, at this service's ports and with shorter waits. */
function tour(service: TestService): { readonly terminal: number; readonly commands: string }[] {
  const blocks = [...README.matchAll(/^```bash terminal-(\d)\n(.*?)^```$/gms)];
  return blocks.map(([, terminal, commands = '']) => ({
    terminal: Number(terminal),
    commands: commands
      .replaceAll('8080', new URL(service.httpUrl).port)
      .replaceAll('5555', String(service.bin.port))
      .replaceAll('timeout: 5,', 'timeout: 2,')
      .replaceAll('"duration":10', '"duration":1'),
  }));
}

test('the README’s tour shows what it says', async () => {
  const service = await startService();
  const [one, two, three] = [new Terminal(ROOT), new Terminal(ROOT), new Terminal(ROOT)] as const;
  terminals.push(one, two, three);
  const blocks = tour(service);
  expect(blocks.map(({ terminal }) => terminal)).toEqual([1, 2, 1, 1, 3, 1, 1]);
  const [provision, register, sendPacket, sendAgain, listen, sendTo, takeOut] = blocks.map(({ commands }) => commands);

  expect(await one.run(provision)).toMatch(/^1 +2 +up +bin:127\.0\.0\.2:\d+ .*\n1 +3 +up /m);

  two.start(register);
  expect(await two.shows('"result"')).toContain('{"machine_id":3,"reception":"receiving"}');
  await one.run(sendPacket);
  expect(await two.shows('"method":"packet"')).toContain('"payload":"BQAAAGhlbGxv"');
  await two.shows(/"timeout",.*"machine_id":2\b/);
  await two.shows(/"timeout",.*"machine_id":3\b/);

  expect(await one.run(sendAgain)).toContain('"reception":"disabled"');
  expect(await two.shows('"method":"temp_disabled"')).toContain('"machine_id":2,"dropped":1');

  three.start(listen);
  await three.shows('machine 2 listens');
  const sent = await one.run(sendTo);
  expect(sent.match(/\{"machine_id":2,"sent":true\},\{"machine_id":3,"sent":false,"error":"refused"\}/g)).toHaveLength(
    2,
  );
  expect(sent).toMatch(/^1 +3 +temp_disabled /m);
  await three.shows('machine 2 has <Buffer 50 34 43 4b');
  await service.logLine({ machine_id: 3, to: 'up' });

  const taken = await one.run(takeOut);
  expect(taken).toContain('"machine_id":2,"protocol":"bin"');
  expect(taken).toContain('"Machine ID":2,"STATE":0');
  await two.shows(/"up",.*"machine_id":2\b/);
  await two.shows(/"up",.*"machine_id":3\b/);
}, 30_000);
