import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** A private network and /etc/resolv.conf without root: user, network and mount namespaces (unshare(1)). */
const UNSHARE = ['--user', '--map-root-user', '--net', '--mount', 'sh', '-euc'];

const SET_UP = 'ip link set lo up; mount --bind "$1/resolv.conf" /etc/resolv.conf';

/** For tests without network or name servers. Some containers do not allow namespaces; such tests are skipped there. */
export const inPrivateNetwork: jest.It = isAllowed() ? it : it.skip;

/** Runs a program in it, in the root of the project and with the name server 127.0.0.1. Resolves with its output. */
export async function runInPrivateNetwork(program: string): Promise<string> {
  const folder = makeFolder();
  const { PATH = '' } = process.env;
  const script = `${SET_UP}; exec "$2" -e "$3"`;
  try {
    const { stdout } = await promisify(execFile)(
      'unshare',
      [...UNSHARE, script, 'sh', folder, process.execPath, program],
      { cwd: resolve(__dirname, '../../..'), env: { PATH, FOLDER: folder } },
    );
    return stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function isAllowed(): boolean {
  const folder = makeFolder();
  const { status } = spawnSync('unshare', [...UNSHARE, SET_UP, 'sh', folder]);
  rmSync(folder, { recursive: true, force: true });
  return status === 0;
}

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'clusterer-network-'));
  writeFileSync(join(folder, 'resolv.conf'), 'nameserver 127.0.0.1\n');
  return folder;
}
