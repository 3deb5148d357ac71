import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from './free-port.js';
import { patternOf } from './shown-line.js';
import { Terminal } from './terminal.js';

const ROOT = resolve(__dirname, '../../..');

/** As WITHOUT_NPX, in any folder. */
const COMMAND_LINE = `npx() { shift; node ${ROOT}/dist/cli/main.js "$@"; }`;

/** Words of blocks that are not run, and why. A test may play them. */
const NOT_RUN: Readonly<Record<string, string>> = {
  install: 'fetches packages',
  project: 'is for another folder',
  daemon: 'is for a machine with OpenSIPS, which the tests play',
  fleet: 'needs machines with sharing tags; fleet-tags.test.ts has them',
  postgresql: 'is for the user of the server; the tests have a database of their own',
};

interface Block {
  /** What follows the three backticks: `sh`, `sh service`, `text`. */
  readonly kind: string;
  readonly text: string;
}

/** How long a terminal may take to show a line. */
const PATIENCE_MS = 20_000;

const guides: Guide[] = [];

/** Call once at the top of a test file. */
export function closeGuidesAfterEach(): void {
  afterEach(async () => {
    for (const guide of guides.splice(0)) await guide.close();
  });
}

/**
 * A page of docs/guides, worked through as a reader does, in a folder of its own and at free ports.
 *
 * `sh` is run to its end in the first terminal. `sh` with a word runs in a terminal of that name until the next such block, which begins with
 * Ctrl-C, or the end. `text` is what the commands before it print, `text` with a word what that terminal shows; other lines may stand between,
 * times and tokens may vary, and `…` is any text. Files and configurations of others are `env`, `ini` and the like.
 */
export class Guide {
  readonly folder = mkdtempSync(join(tmpdir(), 'clusterer-guide-'));
  private readonly terminals = new Map<string, Terminal>();
  private readonly replaced: readonly (readonly [string, string])[];
  private blocks: readonly Block[];
  private printed = '';

  private constructor(
    page: string,
    readonly http: number,
    readonly bin: number,
    more: Readonly<Record<string, string>>,
  ) {
    const ports = { 8080: String(http), 5555: String(bin), 5566: String(bin) };
    this.replaced = Object.entries({ ...more, ...ports });
    const found = readFileSync(join(ROOT, 'docs/guides', page), 'utf8').matchAll(/^```([^\n]+)\n(.*?)^```$/gms);
    this.blocks = [...found].map(([, kind = '', text = '']) => ({ kind, text: this.here(text) }));
    mkdirSync(join(this.folder, 'node_modules'));
    symlinkSync(ROOT, join(this.folder, 'node_modules/clusterer'));
    symlinkSync(join(ROOT, 'docs'), join(this.folder, 'docs'));
  }

  /** @param replaced what the page says, and what stands in its place here */
  static async open(page: string, replaced: Readonly<Record<string, string>> = {}): Promise<Guide> {
    const guide = new Guide(page, await freePort(), await freePort(), replaced);
    guides.push(guide);
    await guide.terminal('').run(COMMAND_LINE);
    return guide;
  }

  /** Runs the blocks before the next one of this kind, which is left to the test. Returns the text of that one. */
  async until(kind: string): Promise<string> {
    const index = this.blocks.findIndex((block, i) => block.kind === kind && (i > 0 || !kind.startsWith('text ')));
    if (index < 0) throw new Error(`the page has no more block ${kind}`);
    const [before, block] = [this.blocks.slice(0, index), this.blocks[index]];
    this.blocks = this.blocks.slice(kind.startsWith('text ') ? index : index + 1);
    for (const one of before) await this.run(one);
    return block?.text ?? '';
  }

  /** Runs commands in the first terminal, as the text that follows them expects. */
  async type(commands: string): Promise<string> {
    this.printed = await this.terminal('').run(commands);
    return this.printed;
  }

  /** Runs the rest of the page. */
  async end(): Promise<void> {
    const rest = this.blocks;
    this.blocks = [];
    for (const block of rest) await this.run(block);
  }

  /** The text of the page, with what stands in its place here. */
  here(text: string): string {
    return this.replaced.reduce((result, [from, to]) => result.replaceAll(from, to), text);
  }

  /** Ends what runs in a terminal. */
  async interrupt(name: string): Promise<void> {
    await this.terminals.get(name)?.interrupt();
    this.terminals.delete(name);
  }

  async close(): Promise<void> {
    await Promise.all([...this.terminals.values()].map((terminal) => terminal.close()));
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async run({ kind, text }: Block): Promise<void> {
    const [language = '', name = ''] = kind.split(' ');
    if (name in NOT_RUN) return;
    if (language === 'sh' && name === '') await this.type(text);
    if (language === 'sh' && name !== '') {
      await this.interrupt(name);
      this.terminal(name).start(`${COMMAND_LINE}\n${text}`);
    }
    if (language === 'text') await this.expectShown(name, text);
  }

  private terminal(name: string): Terminal {
    const { PATH, HOME } = process.env;
    const env = {
      PATH,
      HOME,
      CLUSTERER_URL: `http://127.0.0.1:${this.http}`,
      SERVICE: `http://127.0.0.1:${this.http}`,
      CLUSTERER_HTTP_PORT: String(this.http),
      CLUSTERER_BIN_PORT: String(this.bin),
      // As a terminal shows it.
      CLUSTERER_LOG_FORMAT: 'pretty',
    };
    const terminal = this.terminals.get(name) ?? new Terminal(this.folder, env);
    this.terminals.set(name, terminal);
    return terminal;
  }

  /** Waits for a line in a terminal. Fails before the time-out of Jest would, which does not say what is shown. */
  async shows(name: string, line: string): Promise<void> {
    const terminal = this.terminal(name);
    const patience = new Promise<null>((resolve) => setTimeout(resolve, PATIENCE_MS, null).unref());
    const shown = await Promise.race([terminal.shows(patternOf(line)), patience]);
    if (shown === null) expect(terminal.output).toContain(line);
  }

  private async expectShown(name: string, text: string): Promise<void> {
    const lines = text.split('\n').filter((line) => line !== '');
    if (name !== '') {
      for (const line of lines) await this.shows(name, line);
      return;
    }
    const printed = this.printed.split('\n');
    let from = 0;
    for (const line of lines) {
      const found = printed.findIndex((one, i) => i >= from && patternOf(line).test(one));
      // The whole text, so that a failure shows what was printed in its place.
      if (found < 0) expect(this.printed).toContain(line);
      from = found + 1;
    }
  }
}
