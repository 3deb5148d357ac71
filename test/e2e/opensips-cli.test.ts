import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { endFleetAfterEach } from '../support/fleet/fleet.js';
import { MEMBER, type Member, startPair } from '../support/fleet/member.js';
import { stopServicesAfterEach } from '../support/service/service.js';

stopServicesAfterEach();
endFleetAfterEach();

// Each call starts Python.
jest.setTimeout(30_000);

// Without opensips-cli this is skipped, with CI=true too: neither Debian nor npm has it. mi.test.ts sends what it sends.
const withCli = spawnSync('opensips-cli', ['--version']).status === 0 ? describe : describe.skip;

/** Runs an MI command with the real opensips-cli; returns what it prints. */
async function cli({ service }: Member, ...command: string[]): Promise<string> {
  const options = ['communication_type=http', `url=${service.httpUrl}/mi`].flatMap((option) => ['-o', option]);
  const { stdout, stderr } = await promisify(execFile)('opensips-cli', [
    ...options,
    '-x',
    '--',
    'mi',
    ...command,
  ]).catch((failed: { stdout: string; stderr: string }) => failed);
  return `${stdout}${stderr}`.trim();
}

withCli('the real opensips-cli', () => {
  it('lists the machines and the topology of a fleet', async () => {
    const member = await startPair(154);
    for (const name of ['clusterer:list', 'clusterer_list']) {
      expect(JSON.parse(await cli(member, name))).toMatchObject({
        Clusters: [
          {
            cluster_id: 1,
            Nodes: [
              { node_id: 1, link_state: 'Up' },
              { node_id: 2, link_state: 'Up' },
            ],
          },
        ],
      });
    }
    expect(JSON.parse(await cli(member, 'clusterer:list_topology'))).toMatchObject({
      Clusters: [{ cluster_id: 1, Nodes: [{ node_id: MEMBER, Neighbours: [1, 2] }, { node_id: 1 }, { node_id: 2 }] }],
    });
  });

  it('sets a machine down, by position and by name, and shows the error of 4.0', async () => {
    const member = await startPair(155);
    expect(await cli(member, 'clusterer:set_status', '1', '2', '0')).toBe('"OK"');
    expect(await member.shown(2)).toMatchObject({ state: 'down' });
    expect(await cli(member, 'clusterer:set_status', 'cluster_id=1', 'node_id=2', 'status=1')).toBe('"OK"');
    expect(await member.shown(2)).not.toMatchObject({ state: 'down' });
    expect(await cli(member, 'clusterer:set_status', '7', '2', '0')).toContain('Cluster id not found');
  });

  it('runs a command with parameters on one machine, and on all', async () => {
    const member = await startPair(156);
    const { machine } = member;
    const heard = (id: number, text: string) =>
      machine(id).until(() =>
        machine(id)
          .packets('clusterer-extra')
          .some(({ body }) => body.includes(text)),
      );
    // opensips-cli makes an array of the parameters only for the broadcast; with -j it reads them as JSON.
    expect(await cli(member, '-j', 'cluster_send_mi', '1', '1', 'ul_rm', '["location", "alice"]')).toBe('"OK"');
    await heard(1, 'alice');
    expect(await cli(member, 'clusterer:broadcast_mi', '1', 'clusterer:set_status', '1', '2', '1')).toBe('"OK"');
    for (const id of [1, 2]) await heard(id, 'clusterer:set_status');
  });
});
