import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A shell that a test types commands into. */
export class Terminal {
  private readonly shell: ChildProcess;
  private readonly waiting = new Set<() => void>();
  private output = '';
  private runs = 0;

  /** @param folder the working directory */
  constructor(folder: string) {
    // A process group of its own, so that closing the shell also ends its children.
    this.shell = spawn('bash', { cwd: folder, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
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

  async close(): Promise<void> {
    if (this.shell.exitCode !== null || this.shell.pid === undefined) return;
    const closed = once(this.shell, 'close');
    process.kill(-this.shell.pid, 'SIGKILL');
    await closed;
  }

  private receive(text: string): void {
    this.output += text;
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const wake of waiting) wake();
  }
}
