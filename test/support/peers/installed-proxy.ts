import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../service/free-port.js';

const EXAMPLES = join(__dirname, '../../../deploy/proxies');
const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/bin'];

/** How a program runs its example in deploy/proxies. */
interface Way {
  /** The example. The program gets the last file. */
  readonly files: readonly string[];
  /** What the example listens at. */
  readonly listens: string;
  readonly listensAt: (port: number) => string;
  /** Adds what belongs around the example. */
  readonly complete?: (example: string, folder: string) => string;
  readonly args: (file: string, folder: string) => readonly string[];
}

/** The proxies by the name of the program. */
export const PROXIES: Readonly<Record<string, Way>> = {
  nginx: {
    files: ['nginx.conf'],
    listens: 'listen 80;',
    listensAt: (port) => `listen 127.0.0.1:${port};`,
    complete: (example, folder) => {
      const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder};`);
      return `pid ${folder}/pid; events {} http { access_log off; ${paths.join(' ')} ${example} }`;
    },
    args: (file, folder) => ['-p', folder, '-e', 'stderr', '-g', 'daemon off;', '-c', file],
  },
  haproxy: {
    files: ['haproxy.cfg'],
    listens: 'bind :80',
    listensAt: (port) => `bind 127.0.0.1:${port}`,
    args: (file) => ['-db', '-f', file],
  },
  caddy: {
    files: ['Caddyfile'],
    listens: '\n:80 {',
    listensAt: (port) => `\n:${port} {`,
    complete: (example) => `{\n\tadmin off\n\tdefault_bind 127.0.0.1\n}\n${example}`,
    args: (file) => ['run', '--adapter', 'caddyfile', '--config', file],
  },
  traefik: {
    files: ['clusterer.yaml', 'traefik.yaml'],
    listens: "address: ':80'",
    listensAt: (port) => `address: '127.0.0.1:${port}'`,
    complete: (example, folder) => example.replace('/etc/traefik', folder),
    args: (file) => [`--configFile=${file}`],
  },
};

/** Where the program is installed. */
export function pathOf(program: string): string | undefined {
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

/** A proxy of another project, with its example in deploy/proxies. */
export class InstalledProxy {
  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly child: ChildProcess,
  ) {}

  /** Resolves when it accepts connections. */
  static async start(program: string, service: { readonly httpUrl: string }): Promise<InstalledProxy> {
    const [path, way] = [pathOf(program), PROXIES[program]];
    if (path === undefined || way === undefined) throw new Error(`${program} is not installed.`);
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), `clusterer-${program}-`));
    for (const name of way.files) {
      const example = readFileSync(join(EXAMPLES, name), 'utf8')
        .replace('127.0.0.1:8080', new URL(service.httpUrl).host)
        .replace(way.listens, way.listensAt(port));
      writeFileSync(join(folder, name), way.complete?.(example, folder) ?? example);
    }
    const file = join(folder, way.files.at(-1) ?? '');
    const child = spawn(path, way.args(file, folder), {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    });
    const proxy = new InstalledProxy(port, folder, child);
    await proxy.listening();
    return proxy;
  }

  /** The service through the proxy, with a slash at the end. */
  get url(): string {
    return `http://127.0.0.1:${this.port}/clusterer/`;
  }

  async stop(): Promise<void> {
    const { child } = this;
    if (child.exitCode === null) {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async listening(): Promise<void> {
    let errors = '';
    this.child.stderr?.on('data', (chunk: Buffer) => {
      errors += chunk;
    });
    while (!(await accepts(this.port))) {
      if (this.child.exitCode !== null) throw new Error(`The proxy has exited: ${errors}`);
      await delay(20);
    }
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (accepted: boolean) => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}
