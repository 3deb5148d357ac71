import { clusterer, clustererProcess, endCommandsAfterEach } from '../support/service/command-line.js';
import { startService, type TestService } from '../support/service/service.js';
import { Terminal } from '../support/service/terminal.js';

jest.setTimeout(30_000);
endCommandsAfterEach();

const ROOT = `${__dirname}/../..`;
let service: TestService;

beforeAll(async () => {
  service = await startService({ CLUSTERER_COMMIT: '1a2b3c4' });
});
beforeEach(async () => {
  for (const machine of [2, 3, 4]) await service.provision(1, machine, `bin:127.0.0.${machine}:5555`);
});
afterEach(async () => {
  for (const machine of [2, 3, 4, 5]) await service.request('DELETE', `/clusters/1/machines/${machine}`);
});
afterAll(() => service.stop());

const ask = (...args: string[]) => clusterer(args, { env: { CLUSTERER_URL: service.httpUrl } });
const json = async (...args: string[]) => JSON.parse((await ask(...args, '--json')).stdout);
const states = async () =>
  (await service.request('GET', '/nodes')).body.nodes.map((machine: { state: string }) => machine.state);

describe('several machines', () => {
  it('are drained and set up again in one command, each once, and printed in order', async () => {
    expect((await ask('drain', '1', '4,2-3,2')).stdout).toMatch(/\n1 +2 +down .*\n1 +3 +down .*\n1 +4 +down /);
    const { nodes } = await json('status', '1', '2,4', 'up');
    expect(nodes.map((machine: { machine_id: number }) => machine.machine_id)).toEqual([2, 4]);
    expect(await states()).toEqual(['up', 'down', 'up']);
  });

  it('that do not exist are reported, and the others are done', async () => {
    const answer = await ask('drain', '1', '1-3');
    expect(answer).toMatchObject({
      exitCode: 1,
      stderr: 'clusterer: The cluster has no machine 1. 2 of 3 were changed.\n',
    });
    expect(await states()).toEqual(['down', 'down', 'up']);
  });

  it('of an unknown cluster are one error', async () => {
    expect(await ask('drain', '9', '1-3')).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'clusterer: Cluster 9 has no loaded row.\n',
    });
  });

  it.each(['3-2', '2-', '1-2-3', '2,,3', '0', '1-1001', 'all'])('are not %s', async (machines) => {
    expect(await ask('drain', '1', machines)).toMatchObject({ exitCode: 2, stdout: '' });
    expect(await states()).toEqual(['up', 'up', 'up']);
  });
});

describe('on a terminal', () => {
  /** Types a command into a pseudo-terminal, and the reply to its question. */
  async function typed(args: string, reply: string): Promise<string> {
    const shell = new Terminal(ROOT);
    try {
      const command = `CLUSTERER_URL=${service.httpUrl} node dist/cli/main.js ${args}`;
      return await shell.run(`printf '${reply}' | script -qec '${command}' /dev/null`);
    } finally {
      await shell.close();
    }
  }

  it('a command asks before it changes several machines, and changes nothing unless the reply is yes', async () => {
    expect(await typed('drain 1 2-3', 'n\\n')).toMatch(
      /Drain machines 2, 3 of cluster 1\? \[y\/N\] [\s\S]*Nothing was changed\./,
    );
    expect(await states()).toEqual(['up', 'up', 'up']);
    expect(await typed('drain 1 2-3', 'y\\n')).toMatch(/1 +3 +\S*down/);
    expect(await states()).toEqual(['down', 'down', 'up']);
  });

  it('a command asks before it removes a machine, unless --yes is given', async () => {
    expect(await typed('remove 1 4', '\\n')).toContain('Nothing was changed.');
    expect(await typed('remove 1 4 --yes', '')).toContain('removed machine 4 of cluster 1');
    expect(await states()).toHaveLength(2);
  });
});

describe('clusterer add, change and remove', () => {
  it('provision a machine', async () => {
    const added = await json('add', '1', '5', 'bin:127.0.0.5:5555', '--down', '--duration', '7', '-d', 'sip-5');
    expect(added).toMatchObject({ url: 'bin:127.0.0.5:5555', state: 'down', duration: 7, description: 'sip-5' });
    const changed = await json('change', '1', '5', '--address', 'bin:127.0.0.6:5555', '--failed-attempts', '9');
    expect(changed).toEqual({
      ...added,
      url: 'bin:127.0.0.6:5555',
      address: '127.0.0.6:5555',
      failed_attempts: 9,
    });
    expect(await json('remove', '1', '5')).toEqual({ removed: [5] });
    expect(await states()).toHaveLength(3);
  });

  it('reject what exists, what does not, and a change of nothing', async () => {
    expect(await ask('add', '1', '2', 'bin:127.0.0.9')).toMatchObject({ exitCode: 1, stdout: '' });
    expect(await ask('change', '1', '5', '-a', 'bin:127.0.0.9')).toMatchObject({ exitCode: 1, stdout: '' });
    expect(await ask('remove', '1', '5')).toMatchObject({ exitCode: 1, stdout: '' });
    expect(await ask('add', '1', '5', 'bin:[')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('url') });
    expect((await ask('change', '1', '2')).stderr).toBe('clusterer: name at least one field to change (see --help)\n');
    expect(await states()).toHaveLength(3);
  });
});

describe('what the service knows', () => {
  it('clusters are counted by state', async () => {
    await ask('drain', '1', '2');
    expect((await ask('clusters')).stdout).toMatch(/^CLUSTER +MACHINES +UP +TEMP_DISABLED +DOWN\n1 +3 +2 +0 +1\n$/);
    expect(await json('clusters')).toEqual((await service.request('GET', '/clusters')).body);
  });

  it('modules are listed with their registrations', async () => {
    const { stdout } = await ask('modules');
    expect(stdout).toMatch(/^NUMBER +MODULE +CLUSTER +PROTOCOL /);
    expect(await json('modules')).toEqual({ modules: [] });
  });

  it('past events are listed newest first, as many as the limit', async () => {
    await ask('drain', '1', '3', '--reason', 'kernel update');
    const { stdout } = await ask('history', '--cluster', '1', '--machine', '3', '--limit', '2');
    expect(stdout.split('\n')).toHaveLength(4);
    expect(stdout).toContain('kernel update');
    const { entries } = await json('history', '-k', 'provisioning', '-n', '1');
    expect(entries).toMatchObject([{ kind: 'provisioning', cluster_id: 1 }]);
  });
});

describe('versions', () => {
  const { version } = jest.requireActual('../../package.json');

  it('are those of the command line and of the service', async () => {
    expect(await ask('--version')).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
    expect(await json('version')).toEqual({
      client: { version },
      service: { version, dialects: ['2.2', '2.4'], commit: '1a2b3c4' },
    });
    expect((await ask('version')).stdout).toContain(`service       ${version}, commit 1a2b3c4, dialects 2.2 and 2.4\n`);
  });

  it('are a metric', async () => {
    const { text } = await service.request('GET', '/metrics');
    expect(text).toContain(`clusterer_build_info{version="${version}",commit="1a2b3c4"} 1`);
  });
});

describe('clusterer completion', () => {
  it('completes commands, options and values in bash, and leaves the rest to it', async () => {
    const shell = new Terminal(ROOT);
    try {
      await shell.run('source <(node dist/cli/main.js completion bash)');
      const completed = async (...words: string[]) => {
        const line = words.map((word) => `'${word}'`).join(' ');
        await shell.run(`COMP_WORDS=(clusterer ${line}); COMP_CWORD=${words.length}; _clusterer`);
        return (await shell.run(`echo "<\${COMPREPLY[*]}>"`)).trim();
      };
      expect(await completed('hist')).toBe('<history>');
      expect(await completed('--json', 'status', '1', '2', 'd')).toBe('<down>');
      expect(await completed('list', '--state', '')).toBe('<up temp_disabled down>');
      expect(await completed('drain', '1', '2', '--un')).toBe('<--until>');
      expect(await completed('list', '--to')).toBe('<--token>');
      expect(await completed('send', '1', 'ul', '3', '--file', '')).toBe('<>');
      expect(await shell.run('complete -p clusterer')).toContain('-o default -F _clusterer');
    } finally {
      await shell.close();
    }
  });

  it('prints a script for zsh and for fish, without a service', async () => {
    const zsh = await clustererProcess(['completion', 'zsh']);
    expect(zsh.stdout).toMatch(/bashcompinit\n[\s\S]*complete -o default -F _clusterer clusterer\n$/);
    const fish = await clustererProcess(['completion', 'fish']);
    expect(fish.stdout).toContain(
      "-n '__fish_seen_subcommand_from list' -s s -l state -x -a 'up temp_disabled down' -d",
    );
    expect(await clusterer(['completion', 'tcsh'])).toMatchObject({ exitCode: 2, stdout: '' });
  });
});
