import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Typed at the root of the project, lets `npx clusterer` run without npx, which alone takes 2 s of processor time. */
export const WITHOUT_NPX = 'npx() { shift; node dist/cli/main.js "$@"; }';

/** A shell that a test types commands into. */
export class Terminal {
  private readonly shell: ChildProcess;
  private readonly waiting = new Set<() => void>();
  /** What it shows: standard output and standard error. */
  output = '';
  private runs = 0;

  /** @param folder the working directory */
  constructor(folder: string, env: Readonly<Record<string, string | undefined>> = process.env) {
    // A process group of its own, so that closing the shell also ends its children.
    this.shell = spawn('bash', { cwd: folder, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    this.shell.stdout?.on('data', (data) => this.receive(String(data)));
    this.shell.stderr?.on('data', (data) => this.receive(String(data)));
  }

  /** Types commands without waiting for their end. */
  start(commands = ''): void {
    this.shell.stdin?.write(`${commands}\n`);
  }

  /** Types commands, waits for their end and returns their output. */
  async run(commands = ''): Promise<string> {
    const from = this.output.length;
    const end = `-- end of ${++this.runs} --`;
    this.start(`${commands}\necho '${end}'`);
    await this.shows(end);
    return this.output.slice(from, this.output.indexOf(end));
  }

  /** Waits for a line that contains this, and returns it. */
  async shows(what: string | RegExp): Promise<string> {
    for (;;) {
      const lines = this.output.split('\n').slice(0, -1);
      const line = lines.find((one) => (typeof what === 'string' ? one.includes(what) : what.test(one)));
      if (line !== undefined) return line;
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
  }

  /** Ctrl-C: ends what runs, and then the shell. */
  async interrupt(): Promise<void> {
    if (this.hasEnded || this.shell.pid === undefined) return;
    const closed = once(this.shell, 'close');
    this.shell.stdin?.end();
    process.kill(-this.shell.pid, 'SIGINT');
    await closed;
  }

  async close(): Promise<void> {
    if (this.hasEnded || this.shell.pid === undefined) return;
    const closed = once(this.shell, 'close');
    process.kill(-this.shell.pid, 'SIGKILL');
    await closed;
  }

  private get hasEnded(): boolean {
    return this.shell.exitCode !== null || this.shell.signalCode !== null;
  }

  private receive(text: string): void {
    this.output += text;
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const wake of waiting) wake();
  }
}
