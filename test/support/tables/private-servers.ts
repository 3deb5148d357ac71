import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { certificate } from '../../fixtures/certificates.js';
import { freePort } from '../service/free-port.js';

/** A database server for one test file, with empty data, on 127.0.0.1, 127.0.0.2 and a Unix socket. */
export interface PrivateServer {
  readonly port: number;
  readonly socket: string;
  stop(): Promise<void>;
}

/** A kind of server that a test can start. With TLS it accepts only encrypted connections over TCP, and has the tests' service certificate. */
export interface ServerKind {
  readonly name: 'PostgreSQL' | 'MariaDB';
  readonly installed: boolean;
  start(tls: boolean): Promise<PrivateServer>;
}

function postgresqlPrograms(): string | undefined {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((version) => join(root, version, 'bin')), ...onPath()];
  return folders.find((folder) => existsSync(join(folder, 'initdb')));
}

function onPath(): string[] {
  return (process.env.PATH ?? '').split(delimiter);
}

/** Tests are skipped where a server is not installed, and fail there with CI=true. */
const needed = process.env.CI === 'true';

export const SERVER_KINDS: readonly ServerKind[] = [
  { name: 'PostgreSQL', installed: needed || postgresqlPrograms() !== undefined, start: startPostgresql },
  {
    name: 'MariaDB',
    installed: needed || onPath().some((folder) => existsSync(join(folder, 'mariadbd'))),
    start: startMariadb,
  },
];

async function startPostgresql(tls: boolean): Promise<PrivateServer> {
  const programs = postgresqlPrograms();
  if (programs === undefined) throw new Error('PostgreSQL is not installed.');
  const home = new Home('postgres');
  const { data } = home;
  execFileSync(join(programs, 'initdb'), ['--pgdata', data, '--username', 'postgres', '--auth', 'trust'], home.as);
  const rules = tls
    ? ['hostssl all certified all trust clientcert=verify-ca', 'hostssl all all all trust', 'local all all trust']
    : ['host all all all trust', 'local all all trust'];
  writeFileSync(join(data, 'pg_hba.conf'), `${rules.join('\n')}\n`);
  const port = await freePort();
  const secured = Object.entries({ ssl: 'on', ssl_cert_file: home.cert, ssl_key_file: home.key, ssl_ca_file: home.ca });
  const settings = tls ? secured.flatMap(([name, value]) => ['-c', `${name}=${value}`]) : [];
  const args = [
    '-D',
    data,
    '-h',
    '127.0.0.1,127.0.0.2',
    '-p',
    String(port),
    '-k',
    data,
    '-c',
    'fsync=off',
    ...settings,
  ];
  const server = spawn(join(programs, 'postgres'), args, { ...home.as, stdio: ['ignore', 'ignore', 'pipe'] });
  await logged(server, 'database system is ready to accept connections');
  return { port, socket: join(data, `.s.PGSQL.${port}`), stop: () => home.end(server, 'SIGINT') };
}

async function startMariadb(tls: boolean): Promise<PrivateServer> {
  const home = new Home('mysql');
  const { data } = home;
  const install = ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db'];
  execFileSync('mariadb-install-db', install, home.as);
  const port = await freePort();
  const socket = join(data, 'socket');
  const secured = [
    `--ssl-cert=${home.cert}`,
    `--ssl-key=${home.key}`,
    `--ssl-ca=${home.ca}`,
    '--require-secure-transport',
  ];
  const rules = join(data, 'rules.sql');
  writeFileSync(
    rules,
    "CREATE DATABASE test;\nCREATE USER certified REQUIRE X509;\nGRANT ALL ON test.* TO certified;\nUPDATE mysql.global_priv SET host = '%' WHERE user = 'root' AND host = '127.0.0.1';\nFLUSH PRIVILEGES;\n",
  );
  const args = [
    '--no-defaults',
    `--datadir=${data}`,
    `--init-file=${rules}`,
    '--bind-address=127.0.0.1,127.0.0.2',
    `--port=${port}`,
    `--socket=${socket}`,
    ...(tls ? secured : ['--skip-ssl']),
  ];
  const server = spawn('mariadbd', args, { ...home.as, stdio: ['ignore', 'ignore', 'pipe'] });
  await logged(server, 'ready for connections');
  return { port, socket, stop: () => home.end(server, 'SIGTERM') };
}

/** The server's folder and user. Servers refuse to run as root; without root they run as the current user. */
class Home {
  readonly data: string;
  readonly as: {
    readonly uid?: number;
    readonly gid?: number;
    readonly stdio: 'pipe';
    readonly env: NodeJS.ProcessEnv;
  };
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
  private readonly folder = mkdtempSync(join(tmpdir(), 'clusterer-server-'));

  constructor(user: string) {
    const isRoot = process.getuid?.() === 0;
    const idOf = (kind: '-u' | '-g') => Number(execFileSync('id', [kind, user]));
    const ids = isRoot && { uid: idOf('-u'), gid: idOf('-g') };
    const temporary = join(this.folder, 'tmp');
    // A MariaDB that starts deletes the temporary tables of all others in the same folder.
    this.as = { stdio: 'pipe', ...ids, env: { ...process.env, TMPDIR: temporary } };
    chmodSync(this.folder, 0o755);
    this.owned(temporary, mkdirSync);
    this.data = this.owned(join(this.folder, 'data'), mkdirSync);
    this.cert = this.copied('service.crt');
    this.key = this.copied('service.key');
    this.ca = this.copied('ca.crt');
  }

  async end(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
    const ended = once(server, 'close');
    server.kill(signal);
    await ended;
    rmSync(this.folder, { recursive: true });
  }

  /** The servers refuse a key file that other users may read. */
  private copied(file: string): string {
    return this.owned(join(this.folder, file), (path) => {
      copyFileSync(certificate(file), path);
      chmodSync(path, 0o600);
    });
  }

  private owned(path: string, make: (path: string) => void): string {
    make(path);
    if (this.as.uid !== undefined && this.as.gid !== undefined) chownSync(path, this.as.uid, this.as.gid);
    return path;
  }
}

/** Resolves when the server logs these words. Rejects with its last lines when it ends before. */
async function logged(server: ChildProcess, words: string): Promise<void> {
  if (server.stderr === null) throw new Error('The server has no standard error.');
  const lines: string[] = [];
  for await (const line of createInterface(server.stderr)) {
    lines.push(line);
    if (!line.includes(words)) continue;
    server.stderr.resume();
    return;
  }
  throw new Error(`The server ended: ${lines.slice(-5).join('\n')}`);
}
