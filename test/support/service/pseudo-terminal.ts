import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as later } from 'node:timers/promises';

/** A command in a pseudo-terminal of its own, made by `script` of util-linux. */
export class PseudoTerminal {
  private readonly script: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  constructor(command: string, folder: string, environment: Readonly<Record<string, string>>) {
    this.script = spawn('script', ['-qfec', command, '/dev/null'], {
      cwd: folder,
      env: { PATH: process.env.PATH ?? '', HOME: folder, TERM: 'dumb', ...environment },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    if (this.script.stdout === null) throw new Error('script has no output');
    this.lines = createInterface(this.script.stdout)[Symbol.asyncIterator]();
  }

  type(line: string): void {
    this.script.stdin?.write(`${line}\n`);
  }

  /** The next JSON line with this message. */
  async logLine(msg: string): Promise<Record<string, unknown>> {
    for (;;) {
      const { value, done } = await this.lines.next();
      if (done === true) throw new Error(`the terminal ended before ${msg}`);
      const from = value.indexOf('{"level"');
      if (from < 0) continue;
      const line = JSON.parse(value.slice(from));
      if (line.msg === msg) return line;
    }
  }

  /** Has the effect of closing the window of the terminal. */
  async close(): Promise<void> {
    if (this.script.exitCode !== null || this.script.signalCode !== null) return;
    this.script.kill('SIGKILL');
    await once(this.script, 'exit');
  }
}

/** Resolves when no process has this id any more. */
export async function untilGone(pid: number): Promise<void> {
  while (existsSync(`/proc/${pid}`)) await later(50);
}
