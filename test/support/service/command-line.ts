import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import type { Host, Stream } from '../../../src/cli/host.js';
import { run } from '../../../src/cli/run.js';
import { Recorder } from '../peers/client.js';

const MAIN = resolve(__dirname, '../../../dist/cli/main.js');

const started: Command[] = [];

/** Call once at the top of a test file, before services are stopped. */
export function endCommandsAfterEach(): void {
  afterEach(async () => {
    await Promise.all(started.splice(0).map((command) => command.end()));
  });
}

interface Options {
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input. */
  readonly input?: string;
}

interface RunOptions extends Options {
  /** Every write to standard output fails with this code. */
  readonly fault?: string;
}

/** The result of a command. */
export interface Ended {
  readonly exitCode: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running `clusterer …` command and its output so far. */
abstract class Command {
  /** Lines of standard output. */
  readonly lines = new Recorder<string>();
  /** Lines of standard error. */
  readonly errors = new Recorder<string>();
  stdout = '';
  stderr = '';
  /** Exit code, or the signal that ended a process; resolves after all output is read. */
  abstract readonly exited: Promise<number | string>;

  constructor() {
    started.push(this);
  }

  abstract kill(signal: NodeJS.Signals): void;

  /** Closes the reading end of standard output. */
  abstract closePipe(): void;

  async ended(): Promise<Ended> {
    const exitCode = await this.exited;
    return { exitCode, stdout: this.stdout, stderr: this.stderr };
  }

  async end(): Promise<void> {
    this.kill('SIGTERM');
    await this.exited;
  }

  protected print(text: string): void {
    const from = this.stdout.lastIndexOf('\n') + 1;
    this.stdout += text;
    for (const line of this.stdout.slice(from).split('\n').slice(0, -1)) this.lines.add(line);
  }

  protected printError(text: string): void {
    const from = this.stderr.lastIndexOf('\n') + 1;
    this.stderr += text;
    for (const line of this.stderr.slice(from).split('\n').slice(0, -1)) this.errors.add(line);
  }
}

/** Runs `clusterer …` in this process to its end. */
export function clusterer(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return new CommandRun(args, options).ended();
}

/** Runs `clusterer …` in a process of its own to its end. */
export function clustererProcess(args: readonly string[], options: Options = {}): Promise<Ended> {
  return new CommandProcess(args, options).ended();
}

/** A standard stream of a command in this process. */
class TestStream extends EventEmitter implements Stream {
  fault: Error | null = null;

  constructor(private readonly print: (text: string) => void) {
    super();
  }

  write(text: string, done?: (error?: Error | null) => void): void {
    const { fault } = this;
    if (fault === null) this.print(text);
    queueMicrotask(() => {
      done?.(fault);
      if (fault !== null) this.emit('error', fault);
    });
  }
}

/** A command in this process, on the sources. */
export class CommandRun extends Command {
  readonly exited: Promise<number | string>;
  private readonly out = new TestStream((text) => this.print(text));
  private readonly signals = new EventEmitter();
  private killed: NodeJS.Signals | null = null;

  constructor(args: readonly string[], { env = {}, input = '', fault }: RunOptions = {}) {
    super();
    if (fault !== undefined) this.failWrites(fault);
    const host: Host = {
      stdin: Readable.from([Buffer.from(input)]),
      stdout: this.out,
      stderr: new TestStream((text) => this.printError(text)),
      once: (signal, listener) => {
        if (this.killed === signal) setImmediate(listener);
        else this.signals.once(signal, listener);
      },
    };
    this.exited = withEnvironment(env, () => run(args, host)).then(() => Number(host.exitCode ?? 0));
  }

  kill(signal: NodeJS.Signals): void {
    this.killed = signal;
    this.signals.emit(signal);
  }

  closePipe(): void {
    this.failWrites('EPIPE');
  }

  private failWrites(code: string): void {
    this.out.fault = Object.assign(new Error(`${code}, write`), { code });
  }
}

/** Calls `begin` with these as its only `CLUSTERER_` variables. A command reads them before its first `await`. */
function withEnvironment<T>(env: Readonly<Record<string, string>>, begin: () => T): T {
  const before = { ...process.env };
  for (const name of Object.keys(process.env)) if (name.startsWith('CLUSTERER_')) delete process.env[name];
  Object.assign(process.env, env);
  try {
    return begin();
  } finally {
    for (const name of Object.keys(env)) delete process.env[name];
    Object.assign(process.env, before);
  }
}

/** A command in a process of its own, as it was built. */
export class CommandProcess extends Command {
  readonly exited: Promise<number | string>;
  private readonly child: ChildProcess;

  constructor(args: readonly string[], { env = {}, input = '' }: Options = {}) {
    super();
    const { PATH = '' } = process.env;
    this.child = spawn(process.execPath, [MAIN, ...args], { cwd: tmpdir(), env: { PATH, ...env } });
    this.child.stdout?.setEncoding('utf8').on('data', (text) => this.print(text));
    this.child.stderr?.setEncoding('utf8').on('data', (text) => this.printError(text));
    this.child.stdin?.on('error', () => {}).end(input);
    this.exited = once(this.child, 'close').then(([code, signal]) => code ?? signal);
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  closePipe(): void {
    this.child.stdout?.destroy();
  }

  override async end(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL');
    await this.exited;
  }
}
