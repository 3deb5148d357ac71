import { endFleetAfterEach } from '../support/fleet/fleet.js';
import { MEMBER, startPair } from '../support/fleet/member.js';
import { CommandRun, clusterer, endCommandsAfterEach } from '../support/service/command-line.js';
import { stopServicesAfterEach } from '../support/service/service.js';

jest.setTimeout(30_000);
endCommandsAfterEach();
stopServicesAfterEach();
endFleetAfterEach();

const UL = 'usrloc-contact-repl';

describe('the commands of fleets', () => {
  it('show topology and capabilities, run MI commands and print syncs', async () => {
    const member = await startPair(147);
    const env = { CLUSTERER_URL: member.service.httpUrl };
    const ask = (...args: string[]) => clusterer(args, { env });
    const body = async (path: string) => (await member.service.request('GET', `/clusters/1/${path}`)).body;

    const topology = await ask('topology', '1');
    expect(topology.stdout).toMatch(new RegExp(`^MACHINE +OWN +NEIGHBOURS\n${MEMBER} +yes +1,2\n1 +- `));
    expect(JSON.parse((await ask('topology', '1', '--json')).stdout)).toMatchObject({
      machines: [
        { machine_id: MEMBER, own: true, neighbours: [1, 2] },
        { machine_id: 1, own: false },
        { machine_id: 2, own: false },
      ],
    });

    const capabilities = await ask('capabilities', '1');
    expect(capabilities.stdout).toContain(`${UL}  1        synced\n${UL}  2        not_synced\n`);
    expect(JSON.parse((await ask('capabilities', '1', '--json')).stdout)).toEqual(await body('capabilities'));

    const all = await ask('mi', '1', 'log_level', '4');
    expect(all).toEqual({
      exitCode: 0,
      stdout: 'MACHINE  SENT  ERROR\n1        yes   -\n2        yes   -\n',
      stderr: '',
    });
    const one = await ask('mi', '1', 'uptime', '--machine', '2', '--json');
    expect(JSON.parse(one.stdout)).toEqual({ results: [{ machine_id: 2, sent: true }] });
    expect(await ask('mi', '1', 'uptime', '--machine', '7')).toMatchObject({ exitCode: 1, stdout: '' });

    const message = await ask('message', '1', 'hello', '--machine', '2', '--json');
    expect(JSON.parse(message.stdout)).toEqual({
      tag: expect.stringMatching(/^cluster-node-/),
      results: [{ machine_id: 2, sent: true }],
    });
    expect(await ask('message', '1', 'yes', '--tag', 't1', '--reply')).toEqual({
      exitCode: 0,
      stdout: 'MACHINE  SENT  ERROR\n1        yes   -\n2        yes   -\n',
      stderr: '',
    });
    const [machine] = member.fleet;
    await machine?.until(() => machine.packets('clusterer-extra').some(({ body }) => body.includes('t1')));
    expect(await ask('message', '1', 'yes', '--reply')).toMatchObject({ exitCode: 2, stdout: '' });

    const tag = await ask('tag', '1', 'vip', '1', '--failover', '2', '--after', '1.5', '--json');
    expect(tag.stderr).toBe('');
    expect(JSON.parse(tag.stdout)).toMatchObject({
      tag: 'vip',
      owner: 1,
      managed: true,
      failover: [2],
      after_seconds: 1.5,
    });
    expect((await ask('tags', '1')).stdout).toMatch(/^TAG +OWNER .*\nvip +1 +1:active,2:backup.* yes +1 +2 +1.5\n$/);
    expect(await ask('tag', '1', 'vip', '--release')).toMatchObject({
      exitCode: 0,
      stdout: 'released vip of cluster 1\n',
    });
    expect(await ask('tag', '1', 'vip')).toMatchObject({ exitCode: 2 });

    const listening = new CommandRun(['listen', 'ul', '--cluster', '1', '--sync'], { env });
    await listening.lines.until((lines) => lines.some((line) => line.endsWith('machine 1  sync_started')));
    expect((await ask('modules')).stdout).toMatch(/\n1 +ul +1 +bin +yes /);
    expect(await ask('listen', 'ul', '--sync')).toMatchObject({
      exitCode: 2,
      stderr: "clusterer: option '--sync' requires --cluster (see --help)\n",
    });
  });
});
