import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

const ROOT = join(__dirname, '../..');
const DOCUMENTS = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((file) => `docs/${file}`)]
  .filter((file) => file.endsWith('.md'))
  .sort();

/** For blocks of commands that this test does not run: the test that runs them, or why none does. */
const RUN_ELSEWHERE: Readonly<Record<string, string>> = {
  'terminal-1': 'tour.test.ts',
  'terminal-2': 'tour.test.ts',
  'command-line': 'cli-document.test.ts',
  demo: 'demo.test.ts',
  openssl: 'tls.test.ts',
  ci: '.ci/run, of which this test is a part',
  docker: 'needs Docker',
  network: 'fetches a package; sdk.test.ts runs the one that is pinned',
  'opensips-cli': 'needs OpenSIPS’s own tool; opensips-cli.test.ts runs it where it is installed',
  root: 'changes the machine',
  fleet: 'needs machines of a fleet; fleet-tags.test.ts makes the same call',
  shells: 'changes the shells of a person; cli-machines.test.ts runs the command',
};

interface Block {
  readonly document: string;
  readonly language: string;
  /** What follows the language: a key of `RUN_ELSEWHERE`, or empty. */
  readonly word: string;
  readonly commands: string;
}

const blocks: Block[] = DOCUMENTS.flatMap((document) => {
  const text = readFileSync(join(ROOT, document), 'utf8');
  return [...text.matchAll(/^```(\S*) ?([^\n]*)\n(.*?)^```$/gms)].map(([, language = '', word = '', commands = '']) => {
    return { document, language, word, commands };
  });
});
const shell = blocks.filter(({ language }) => language === 'bash');
const plain = shell.filter(({ word }) => word === '');

stopServicesAfterEach();
jest.setTimeout(60_000);

describe('the documents', () => {
  it('name the language of every block, so that no command is missed', () => {
    expect(blocks.filter(({ language }) => language === '' || /^(?:sh|shell|console)$/.test(language))).toEqual([]);
  });

  it('say of commands that this test does not run which test does, or why none does', () => {
    const words = shell.map(({ word }) => word).filter((word) => word !== '');
    expect(words.filter((word) => !(word in RUN_ELSEWHERE))).toEqual([]);
    expect(Object.keys(RUN_ELSEWHERE).filter((word) => !words.includes(word))).toEqual([]);
  });

  it.each([...new Set(plain.map(({ document }) => document))])('%s has commands that work', async (document) => {
    const service = await startService();
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    const ports = { '8080': new URL(service.httpUrl).port, '5555': String(service.bin.port) };
    for (const { commands } of plain.filter((block) => block.document === document)) {
      const here = commands.replace(/(127\.0\.0\.1[:/])(8080|5555)/g, (_all, host, port: keyof typeof ports) => {
        return `${host}${ports[port]}`;
      });
      const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', here], { cwd: ROOT });
      // An error of JSON-RPC is an answer like any other to curl.
      expect(stdout).not.toContain('"error"');
    }
  });
});

it('docs/CONTRIBUTING.md describes every script, and no other', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const page = readFileSync(join(ROOT, 'docs/CONTRIBUTING.md'), 'utf8');
  const described = [...page.matchAll(/^\| `npm (?:run )?([\w-]+)` \|/gm)].map(([, name]) => name);
  expect(described.sort()).toEqual(Object.keys(scripts).sort());
});

it('docs/opensips.md has every parameter and command of the module', () => {
  const page = readFileSync(join(ROOT, 'docs/opensips.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `(\w+)/gm)].map(([, name]) => name);
  const names = [
    ...['db_url', 'db_table', 'server_id', 'persistent_mode', 'cluster_id_col', 'machine_id_col', 'clusterer_id_col'],
    ...['state_col', 'url_col', 'description_col', 'failed_attempts_col', 'last_attempt_col', 'duration_col'],
    ...['no_tries_col', 'clusterer_list', 'clusterer_reload', 'clusterer_set_status', 'get_nodes', 'free_nodes'],
    ...['set_state', 'check', 'get_my_id', 'send_to', 'register_module'],
  ];
  expect(names.filter((name) => !rows.includes(name))).toEqual([]);
});
