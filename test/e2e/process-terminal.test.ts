import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as later } from 'node:timers/promises';
import { SocketClient } from '../support/peers/socket-client.js';
import { onEachNode } from '../support/service/nodes.js';
import { PseudoTerminal, untilGone } from '../support/service/pseudo-terminal.js';
import { processFolder, SERVER } from '../support/service/service-process.js';
import { withTable } from '../support/tables/table.js';

jest.setTimeout(60_000);

const ROOT = resolve(__dirname, '../..');

let folder: string;
let terminal: PseudoTerminal | null = null;
let pid: number | null = null;

beforeEach(() => {
  folder = processFolder();
});
afterEach(async () => {
  await terminal?.close();
  // A failed test must not leave a process behind.
  if (pid !== null && existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGKILL');
  [terminal, pid] = [null, null];
  rmSync(folder, { recursive: true, force: true });
});

function environmentOf(databaseFile: string): Record<string, string> {
  return {
    CLUSTERER_DB_URL: `file:${databaseFile}`,
    CLUSTERER_HTTP_PORT: '0',
    CLUSTERER_BIN_PORT: '0',
    CLUSTERER_PERSISTENT_MODE: '1',
    CLUSTERER_SYNC_INTERVAL_MS: '60000',
    CLUSTERER_LOG_FORMAT: 'json',
  };
}

/** After the start: sets a machine down, which is not written before the stop, and opens a socket for `going_away`. */
async function withUnwrittenChange(opened: PseudoTerminal): Promise<SocketClient> {
  const line = await opened.logLine('listening');
  pid = Number(line.pid);
  const headers = { 'content-type': 'application/json' };
  const call = async (method: string, path: string, body: object) =>
    expect((await fetch(`${line.http}${path}`, { method, headers, body: JSON.stringify(body) })).ok).toBe(true);
  await call('POST', '/clusters/1/machines', { machine_id: 2, url: 'bin:127.0.0.2:5555' });
  await call('PUT', '/clusters/1/machines/2/status', { status: 'down' });
  return SocketClient.open(`${String(line.http).replace('http', 'ws')}/ws`);
}

/** A shell forwards SIGHUP to its jobs; this one also keeps the exit code. */
const SHELL = `trap 'kill -HUP $!' HUP
"$1" "$2" &
while kill -0 $! 2>/dev/null; do wait $!; code=$?; done
echo $code > code.part && mv code.part code`;

describe('a closed terminal', () => {
  onEachNode('stops the service in order, with 0', async (node) => {
    writeFileSync(join(folder, 'shell'), SHELL);
    const databaseFile = join(folder, 'clusterer.db');
    const command = `exec bash shell '${node}' '${SERVER}'`;
    terminal = new PseudoTerminal(command, folder, environmentOf(databaseFile));
    const client = await withUnwrittenChange(terminal);
    await terminal.close();
    await client.first('going_away');
    expect((await client.closed).code).toBe(1001);
    const code = join(folder, 'code');
    while (!existsSync(code)) await later(50);
    expect(readFileSync(code, 'utf8')).toBe('0\n');
    expect(await withTable({ databaseFile }, (table) => table.states())).toEqual([[2, 0, 0, 0]]);
  });

  onEachNode('stops a service that npm start started there', async (node) => {
    const databaseFile = join(folder, 'clusterer.db');
    const environment = { ...environmentOf(databaseFile), PATH: `${dirname(node)}:${process.env.PATH}` };
    terminal = new PseudoTerminal('exec bash --norc -i', ROOT, { ...environment, HOME: folder });
    terminal.type('npm start');
    const client = await withUnwrittenChange(terminal);
    await terminal.close();
    await client.first('going_away');
    await untilGone(Number(pid));
    expect(await withTable({ databaseFile }, (table) => table.states())).toEqual([[2, 0, 0, 0]]);
  });
});
