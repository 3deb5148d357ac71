import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../service/free-port.js';

const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/bin'];
const program = folders.map((folder) => join(folder, 'nats-server')).find((path) => existsSync(path));

/** Tests are skipped where nats-server is not installed, and fail there with CI=true. */
export const hasNats = program !== undefined;
export const describeWithNats = process.env.CI === 'true' || hasNats ? describe : describe.skip;

/** A nats-server with JetStream of one test file. It keeps its port and its files over restarts. */
export class NatsServer {
  private child: ChildProcess | null = null;
  private readonly folder = mkdtempSync(join(tmpdir(), 'clusterer-nats-'));

  private constructor(
    readonly port: number,
    private readonly options: readonly string[],
  ) {}

  /** @param options further options of the program */
  static async start(options: readonly string[] = []): Promise<NatsServer> {
    const server = new NatsServer(await freePort(), options);
    await server.run();
    return server;
  }

  get url(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Starts it again after `kill`. */
  async run(): Promise<void> {
    if (program === undefined) throw new Error('nats-server is not installed.');
    const place = ['--jetstream', '--store_dir', this.folder, '--addr', '127.0.0.1', '--port', String(this.port)];
    const child = spawn(program, [...place, ...this.options], { stdio: 'ignore' });
    this.child = child;
    while (!(await this.greets())) {
      if (child.exitCode !== null) throw new Error(`nats-server has exited with ${child.exitCode}.`);
      await delay(20);
    }
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const { child } = this;
    this.child = null;
    if (child === null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    // A stopped process handles no other signal.
    child.kill('SIGCONT');
    await exited;
  }

  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  /** Removes its files, as a disk that is lost. It must not run. */
  empty(): void {
    rmSync(this.folder, { recursive: true });
  }

  /** Removes its files, too. */
  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Whether it sends its first line to a client. */
  private greets(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1');
      const end = (greets: boolean) => {
        socket.destroy();
        resolve(greets);
      };
      socket.once('data', () => end(true)).once('error', () => end(false));
    });
  }
}
