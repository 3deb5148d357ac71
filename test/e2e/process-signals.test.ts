import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { certificate } from '../fixtures/certificates.js';
import { onEachNode } from '../support/service/nodes.js';
import { endProcessesAfterEach, processFolder, ServiceProcess } from '../support/service/service-process.js';
import { withTable } from '../support/tables/table.js';

jest.setTimeout(60_000);
endProcessesAfterEach();

/** Whether the process has its own handler for a signal (proc(5), status, SigCgt). */
function catches({ child }: ServiceProcess, signal: NodeJS.Signals): boolean {
  const [, mask = ''] = /^SigCgt:\s*(\w+)/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? [];
  return ((BigInt(`0x${mask}`) >> BigInt(constants.signals[signal] - 1)) & 1n) === 1n;
}

describe('a native fault', () => {
  onEachNode('ends the process at once, as in any Node program', async (node) => {
    const service = new ServiceProcess({}, processFolder(), [node]);
    await service.listening();
    expect(catches(service, 'SIGTERM')).toBe(true);
    const faults = ['SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP', 'SIGABRT'] as const;
    expect(faults.filter((signal) => catches(service, signal))).toEqual([]);
    // Node catches this one for WebAssembly, and forwards it.
    service.child.kill('SIGSEGV');
    expect(await service.exited).toBe('SIGSEGV');
  });
});

describe('SIGHUP without a terminal', () => {
  onEachNode('reloads the table, as POST /reload does, and does not stop the service', async (node) => {
    const service = new ServiceProcess({}, processFolder(), [node]);
    const { http } = await service.listening();
    await withTable(service, (table) =>
      table.run("INSERT INTO clusterer (cluster_id, machine_id, url) VALUES (1, 2, 'bin:127.0.0.2:5555')"),
    );
    service.child.kill('SIGHUP');
    expect(await service.logLine({ msg: 'table loaded', added: 1 })).toMatchObject({ machines: 1 });
    const { entries } = (await (await fetch(`${http}/history?kind=reload`)).json()) as { entries: object[] };
    expect(entries[0]).toMatchObject({ detail: { added: 1 } });
    service.child.kill('SIGTERM');
    expect(await service.exited).toBe(0);
  });

  it('reloads tokens and certificates at once', async () => {
    const folder = processFolder();
    const install = (name: string) => {
      for (const end of ['crt', 'key']) copyFileSync(certificate(`${name}.${end}`), join(folder, end));
    };
    const tokens = (name: string) =>
      writeFileSync(join(folder, 'tokens'), `${name}:read:${createHash('sha256').update(name).digest('hex')}\n`);
    install('service');
    tokens('old');
    const environment = { CLUSTERER_TOKENS: '@tokens', CLUSTERER_TLS_CERT: 'crt', CLUSTERER_TLS_KEY: 'key' };
    const service = new ServiceProcess(environment, folder);
    await service.listening();
    const before = service.logLines.length;
    install('machine');
    tokens('new');
    service.child.kill('SIGHUP');
    while (service.logLines.slice(before).every(({ msg }) => msg !== 'table loaded')) await service.nextLine();
    const messages = service.logLines.slice(before).map(({ msg }) => msg);
    expect(messages).toEqual(['reloading', 'certificate files reloaded', 'token file reloaded', 'table loaded']);
  });

  it('keeps the loaded machines if the table cannot be read, and logs the reason', async () => {
    const service = new ServiceProcess();
    const { http } = await service.listening();
    await withTable(service, (table) => table.run('DROP TABLE clusterer'));
    service.child.kill('SIGHUP');
    const line = await service.logLine({ msg: 'table reload failed; keeping the loaded machines' });
    expect(line).toMatchObject({ level: 50, reason: expect.stringContaining('clusterer') });
    expect((await fetch(`${http}/healthz`)).status).toBe(200);
  });
});

it.each(['SIGQUIT', 'SIGUSR2'] as const)('%s stops the service in order', async (signal) => {
  const service = new ServiceProcess();
  await service.listening();
  service.child.kill(signal);
  expect(await service.exited).toBe(0);
  expect(service.logLines.some(({ msg }) => msg === 'stopping')).toBe(true);
});
