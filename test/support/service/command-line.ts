import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Recorder } from '../peers/client.js';

const MAIN = resolve(__dirname, '../../../dist/cli/main.js');

const started: CommandRun[] = [];

/** Call once at the top of a test file, before services are stopped. */
export function endCommandsAfterEach(): void {
  afterEach(async () => {
    await Promise.all(started.splice(0).map((one) => one.end()));
  });
}

interface Given {
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input. */
  readonly input?: string | Buffer;
}

/** What a command that came to its end has said. */
export interface Ended {
  readonly exitCode: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `clusterer …` to its end. */
export async function clusterer(args: readonly string[], given: Given = {}): Promise<Ended> {
  const run = new CommandRun(args, given);
  const exitCode = await run.exited;
  return { exitCode, stdout: run.stdout, stderr: run.stderr };
}

/** The built command line in a process of its own, which may run on. */
export class CommandRun {
  readonly child: ChildProcess;
  /** The lines of standard output. */
  readonly lines = new Recorder<string>();
  /** The lines of standard error. */
  readonly said = new Recorder<string>();
  stdout = '';
  stderr = '';
  /** Exit code, or the signal that ended it; once both outputs are read to their end. */
  readonly exited: Promise<number | string>;

  constructor(args: readonly string[], { env = {}, input = '' }: Given = {}) {
    const { PATH = '' } = process.env;
    this.child = spawn(process.execPath, [MAIN, ...args], { cwd: tmpdir(), env: { PATH, ...env } });
    this.child.stdout?.on('data', (data) => {
      this.stdout += data;
    });
    this.child.stderr?.on('data', (data) => {
      this.stderr += data;
    });
    this.child.stdin?.on('error', () => {}).end(input);
    this.exited = once(this.child, 'close').then(([code, signal]) => code ?? signal);
    if (this.child.stdout !== null) createInterface(this.child.stdout).on('line', (line) => this.lines.add(line));
    if (this.child.stderr !== null) createInterface(this.child.stderr).on('line', (line) => this.said.add(line));
    started.push(this);
  }

  /** Once a line of standard output is so. */
  shows(pattern: RegExp): Promise<string> {
    return this.lines.until((lines) => lines.find((line) => pattern.test(line)));
  }

  /** Whoever reads its output is gone. */
  closePipe(): void {
    this.child.stdout?.destroy();
  }

  async end(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL');
    await this.exited;
  }
}
