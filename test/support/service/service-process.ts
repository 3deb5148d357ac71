import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

export const SERVER = resolve(__dirname, '../../../dist/server.js');

const started: ServiceProcess[] = [];

/** Call once at the top of a test file. */
export function endProcessesAfterEach(): void {
  afterEach(async () => {
    await Promise.all(started.splice(0).map((one) => one.discard()));
  });
}

/** A working directory for a process, removed after the test. */
export function processFolder(): string {
  return mkdtempSync(join(tmpdir(), 'clusterer-process-'));
}

/** The built service in a process of its own, on free ports unless the environment sets them. */
export class ServiceProcess {
  readonly logLines: Record<string, unknown>[] = [];
  /** Everything written to standard error. */
  stderr = '';
  /** Exit code, or the signal that ended it; resolves after all output is read. */
  readonly exited: Promise<number | string>;
  readonly child: ChildProcess;
  private readonly waiting = new Set<() => void>();

  constructor(
    environment: Readonly<Record<string, string>> = {},
    readonly folder = processFolder(),
    /** A program and its arguments, which runs the command after them; by default the Node of this process. */
    starter: readonly string[] = [process.execPath],
  ) {
    const { PATH = '' } = process.env;
    const [program = process.execPath, ...args] = [...starter, SERVER];
    this.child = spawn(program, args, {
      cwd: folder,
      env: { PATH, CLUSTERER_HTTP_PORT: '0', CLUSTERER_BIN_PORT: '0', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stderr?.on('data', (data) => {
      this.stderr += data;
    });
    this.exited = once(this.child, 'close').then(([code, signal]) => code ?? signal);
    if (this.child.stdout !== null) {
      createInterface(this.child.stdout).on('line', (line) => {
        this.logLines.push(JSON.parse(line));
        this.wake();
      });
    }
    void this.exited.then(() => this.wake());
    started.push(this);
  }

  get databaseFile(): string {
    return join(this.folder, 'data/clusterer.db');
  }

  /** User and system time since its start, in hundredths of a second (proc(5), stat, fields 14 and 15). */
  get processorTicks(): number {
    const [, fields = ''] = readFileSync(`/proc/${this.child.pid}/stat`, 'utf8').split(') ');
    const [user, system] = fields.split(' ').slice(11, 13);
    return Number(user) + Number(system);
  }

  /** Resolves with the addresses once it listens. */
  async listening(): Promise<{ http: string; bin: string }> {
    const { http, bin } = await this.logLine({ msg: 'listening' });
    return { http: String(http), bin: String(bin) };
  }

  /** The first log line with these fields, once there is one; rejects when the process ends first. */
  async logLine(fields: Record<string, unknown>): Promise<Record<string, unknown>> {
    for (;;) {
      const line = this.logLines.find((one) => Object.entries(fields).every(([name, value]) => one[name] === value));
      if (line !== undefined) return line;
      await this.nextLine();
    }
  }

  /** Rejects when the process has ended. */
  async nextLine(): Promise<void> {
    if (this.ended) throw new Error(`the service ended before that: ${this.stderr}`);
    await new Promise<void>((wake) => this.waiting.add(wake));
  }

  async discard(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private wake(): void {
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const wake of waiting) wake();
  }
}
