import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../support/service/eventually.js';
import { endProcessesAfterEach, processFolder, ServiceProcess } from '../support/service/service-process.js';

endProcessesAfterEach();

/** Runs a command for which a folder is a small disk of its own; other processes do not see it. */
const onSmallDisk = (folder: string): string[] => {
  const script = 'mount -t tmpfs -o size=700k none "$0" && head -c 200000 /dev/zero > "$0/ballast" && exec "$@"';
  return ['unshare', '-rm', 'sh', '-c', script, folder];
};

/** Linux lets every user mount a file system in a namespace of their own, unless it is configured otherwise. */
function canMount(): boolean {
  const folder = processFolder();
  const [program = '', ...args] = onSmallDisk(folder);
  const { status } = spawnSync(program, [...args, 'true']);
  rmSync(folder, { recursive: true });
  return status === 0;
}

const suite = canMount() ? test : test.skip;

suite('a full disk is a 503 that writes nothing, shows in /readyz, and is over when there is room', async () => {
  const folder = processFolder();
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  const service = new ServiceProcess({ CLUSTERER_DB_URL: `file:${disk}/c.db` }, folder, [
    ...onSmallDisk(disk),
    process.execPath,
  ]);
  const { http } = await service.listening();
  const readiness = async () => (await (await fetch(`${http}/readyz`)).json()).status;
  const provision = async (machine_id: number) => {
    const body = JSON.stringify({ machine_id, url: 'bin:127.0.0.2:5555', description: 'x'.repeat(64) });
    const headers = { 'content-type': 'application/json' };
    return fetch(`${http}/clusters/1/machines`, { method: 'POST', headers, body });
  };
  const nodes = async () => (await (await fetch(`${http}/nodes`)).json()).nodes.length;
  const until = (wanted: string) => eventually(async () => (await readiness()) === wanted);

  let machines = 0;
  let answer = await provision(1);
  for (; answer.status === 201; answer = await provision(machines + 1)) machines++;

  expect([answer.status, (await answer.json()).detail]).toEqual([503, expect.stringContaining('disk is full')]);
  expect(await nodes()).toBe(machines);
  await until('degraded');
  expect((await provision(machines + 1)).status).toBe(503);

  rmSync(`/proc/${service.child.pid}/root${disk}/ballast`);
  await until('ready');
  expect((await provision(machines + 1)).status).toBe(201);
  const reloaded = await (await fetch(`${http}/reload`, { method: 'POST' })).json();
  expect(reloaded).toMatchObject({ nodes: machines + 1, added: 0, changed: 0 });
  expect(service.stderr).toBe('');
}, 60_000);
