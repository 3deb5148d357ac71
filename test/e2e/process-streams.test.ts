import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as later } from 'node:timers/promises';
import { freePort } from '../support/service/free-port.js';
import { onEachNode } from '../support/service/nodes.js';
import { processFolder, SERVER } from '../support/service/service-process.js';

jest.setTimeout(60_000);

let folder: string;
let service: ChildProcess | null = null;

beforeEach(() => {
  folder = processFolder();
});
afterEach(() => {
  service?.kill('SIGKILL');
  service = null;
  rmSync(folder, { recursive: true, force: true });
});

/** Starts the service with these outputs and polls until it serves, because its output is not read. */
async function serving(node: string, format: string, output: 'pipe' | number): Promise<[ChildProcess, string]> {
  const port = String(await freePort());
  const { PATH = '' } = process.env;
  const env = { PATH, CLUSTERER_HTTP_PORT: port, CLUSTERER_BIN_PORT: '0', CLUSTERER_LOG_FORMAT: format };
  const child = spawn(node, [SERVER], { cwd: folder, env, stdio: ['ignore', output, output] });
  service = child;
  const http = `http://127.0.0.1:${port}`;
  const isReady = () =>
    fetch(`${http}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isReady())) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('the service ended');
    await later(50);
  }
  return [child, http];
}

/** Makes it write log lines. */
async function writeLog(http: string): Promise<void> {
  for (let i = 0; i < 3; i++) expect((await fetch(`${http}/reload`, { method: 'POST' })).status).toBe(200);
}

/** Resolves when the processor time of a process no longer rises (proc(5), stat, fields 14 and 15). */
async function untilIdle({ pid }: ChildProcess): Promise<void> {
  for (let last = ''; ; ) {
    const now = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ').slice(11, 13).join() ?? '';
    if (now === last) return;
    last = now;
    await later(200);
  }
}

describe.each(['json', 'pretty'])('a log in the format %s', (format) => {
  onEachNode('whose reader is gone neither ends the service nor keeps it busy', async (node) => {
    const [child, http] = await serving(node, format, 'pipe');
    child.stdout?.destroy();
    child.stderr?.destroy();
    await writeLog(http);
    await untilIdle(child);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  onEachNode('on a full disk neither ends the service nor blocks its stop', async (node) => {
    const full = openSync('/dev/full', 'w');
    const [child, http] = await serving(node, format, full);
    closeSync(full);
    await writeLog(http);
    await untilIdle(child);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
