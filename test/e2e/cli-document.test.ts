import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT } from '../../src/cli/failure.js';
import { clusterer } from '../support/service/command-line.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';
import { Terminal, WITHOUT_NPX } from '../support/service/terminal.js';

const ROOT = join(__dirname, '../..');
const PAGE = readFileSync(join(ROOT, 'docs/cli.md'), 'utf8');
const BLOCK = /^```bash command-line\n(.*?)^```$/ms;

stopServicesAfterEach();

interface HelpRow {
  readonly section: string;
  readonly term: string;
  readonly text: string;
}

/** The rows of a help text, each with its wrapped lines joined. */
function rowsOf(help: string): HelpRow[] {
  const blocks = help.replaceAll(/\n {4,}(?=\S)/g, ' ').split('\n');
  let section = '';
  return blocks.flatMap((line) => {
    section = /^(\w[\w ]*):$/.exec(line)?.[1] ?? section;
    const [, term, text] = /^ {2}(\S.*?) {2,}(\S.*)$/.exec(line) ?? [];
    return term === undefined || text === undefined ? [] : [{ section, term, text }];
  });
}

async function helpOf(...command: string[]): Promise<string> {
  return (await clusterer([...command, '--help'])).stdout;
}

/** The part of the page under a heading. */
function sectionOf(title: string): string {
  return PAGE.split(/^## /m).find((section) => section.startsWith(`${title}\n`)) ?? '';
}

const tableRows = (section: string) => section.split('\n').filter((line) => /^\| `-?/.test(line));
const asTable = (rows: readonly HelpRow[]) => rows.map(({ term, text }) => `| \`${term}\` | ${text} |`);

describe('docs/cli.md', () => {
  it('has every command with its usage, arguments and options, as its help prints them', async () => {
    const commands = rowsOf(await helpOf()).filter(
      ({ section, term }) => section === 'Commands' && !/^help /.test(term),
    );
    expect(commands.length).toBeGreaterThan(8);
    for (const { term } of commands) {
      const [name = ''] = term.split(' ');
      const help = await helpOf(name);
      const own = rowsOf(help).filter(({ section, term }) => section !== 'Global Options' && term !== '-h, --help');
      expect([name, tableRows(sectionOf(name))]).toEqual([name, asTable(own)]);
      expect(sectionOf(name)).toContain(`\`${/^Usage: (.*)$/m.exec(help)?.[1]}\``);
    }
  });

  it('has the options of every command, and every exit code', async () => {
    const global = rowsOf(await helpOf('list')).filter(({ section }) => section === 'Global Options');
    expect(tableRows(sectionOf('Options of every command'))).toEqual(asTable(global));
    for (const code of Object.values(EXIT)) expect(sectionOf('Exit codes')).toContain(`| ${code} |`);
  });

  it('has example commands that work', async () => {
    const service = await startService();
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    const terminal = new Terminal(ROOT);
    try {
      await terminal.run(`export CLUSTERER_URL=${service.httpUrl}; ${WITHOUT_NPX}`);
      const [list, drain, up, send, watch, ...rest] = BLOCK.exec(PAGE)?.[1]?.trim().split('\n') ?? [];
      expect(rest).toEqual([]);
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
});
