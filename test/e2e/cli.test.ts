import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { clusterer, clustererProcess, endCommandsAfterEach } from '../support/service/command-line.js';
import { freePort } from '../support/service/free-port.js';
import {
  startService,
  startServiceOnDisk,
  stopServicesAfterEach,
  type TestService,
} from '../support/service/service.js';
import { withTable } from '../support/tables/table.js';

/** A process takes a second to start on a busy machine. */
jest.setTimeout(30_000);
endCommandsAfterEach();
stopServicesAfterEach();

/** Runs a command on this service. */
function ask(service: TestService, ...args: string[]) {
  return clusterer(args, { env: { CLUSTERER_URL: service.httpUrl } });
}

const digest = (token: string) => createHash('sha256').update(token).digest('hex');

async function twoMachines(start = startService): Promise<TestService> {
  const service = await start();
  await service.provision(1, 2, 'bin:127.0.0.2:5555', { state: 'down' });
  await service.provision(2, 3, 'bin:127.0.0.3:5555', { description: 'sip-3' });
  return service;
}

/** Machine 2 of cluster 1, which is up and receives a packet. */
async function receivingMachine(service: TestService): Promise<{ readonly packet: Promise<Buffer> }> {
  const machine = createTcpServer().listen(0, '127.0.0.1').unref();
  await once(machine, 'listening');
  const packet = once(machine, 'connection').then(async ([socket]) => (await once(socket, 'data'))[0] as Buffer);
  await service.provision(1, 2, `bin:127.0.0.1:${(machine.address() as AddressInfo).port}`);
  return { packet };
}

test('an argument that is not UTF-8 is a usage error, and no request is sent', async () => {
  const service = await twoMachines();
  // What Node makes of the byte 0xff.
  for (const args of [
    ['drain', '1', '2', '--reason', 'up\ufffd'],
    ['send', '1', 'ul', '3', '--payload', '\ufffd'],
  ]) {
    const { exitCode, stdout, stderr } = await ask(service, ...args);
    expect([exitCode, stdout]).toEqual([2, '']);
    const argument = `Argument ${args.length}`;
    expect(stderr).toBe(`clusterer: ${argument} is not valid UTF-8. Pass binary data with --base64 or --file.\n`);
  }
  expect((await service.request('GET', '/clusters/1/machines/2')).body.drain).toBeUndefined();
});

describe('clusterer list', () => {
  it('prints the same table as the service, without colours in a pipe', async () => {
    const service = await twoMachines();
    const table = await service.request('GET', '/nodes', undefined, { accept: 'text/plain' });
    expect(await ask(service, 'list')).toEqual({ exitCode: 0, stdout: table.text, stderr: '' });
  });

  it('prints one JSON document with --json, limited to a cluster or a state', async () => {
    const service = await twoMachines();
    const all = (await service.request('GET', '/nodes')).body;
    expect(JSON.parse((await ask(service, 'list', '--json')).stdout)).toEqual(all);
    const ofTwo = await ask(service, '--json', 'list', '--cluster', '2');
    expect(JSON.parse(ofTwo.stdout).nodes).toEqual([all.nodes[1]]);
    const down = await ask(service, 'list', '--state', 'down', '--json');
    expect(JSON.parse(down.stdout).nodes).toEqual([all.nodes[0]]);
  });

  it('fails for a cluster that is not loaded', async () => {
    const answer = await ask(await twoMachines(), 'list', '--cluster', '9');
    expect(answer).toEqual({ exitCode: 1, stdout: '', stderr: 'clusterer: Cluster 9 has no loaded row.\n' });
  });

  it('takes the URL of the socket, and prefers --url to the variable', async () => {
    const service = await twoMachines();
    const url = `${service.httpUrl.replace('http', 'ws')}/ws`;
    const answer = await clusterer(['list', '--url', url], { env: { CLUSTERER_URL: 'http://127.0.0.1:1' } });
    expect([answer.exitCode, answer.stdout.split('\n').length]).toEqual([0, 4]);
  });
});

describe('clusterer status', () => {
  it('sets the status of a machine and prints the machine', async () => {
    const service = await twoMachines();
    const answer = await ask(service, 'status', '1', '2', 'up');
    expect([answer.exitCode, answer.stdout]).toEqual([0, expect.stringMatching(/^1 +2 +up /m)]);
    const down = await ask(service, 'status', '2', '3', 'down', '--json');
    expect(JSON.parse(down.stdout)).toMatchObject({ cluster_id: 2, machine_id: 3, state: 'down' });
    expect((await service.request('GET', '/clusters/1/machines/2')).body.state).toBe('up');
  });

  /** Returns machine 3 of cluster 2 after `status … down`, after a reload, and after a restart. */
  async function afterDown(...args: string[]) {
    const service = await twoMachines();
    await ask(service, 'drain', '2', '3', '--reason', 'kernel update', '--for', '30m');
    const down = await ask(service, 'status', '2', '3', 'down', '--json', ...args);
    expect([down.exitCode, down.stderr]).toEqual([0, '']);
    await service.request('POST', '/reload');
    const reloaded = (await service.request('GET', '/clusters/2/machines/3')).body;
    await service.stop();
    await service.start();
    const restarted = (await service.request('GET', '/clusters/2/machines/3')).body;
    return [JSON.parse(down.stdout), reloaded, restarted];
  }

  it.each([
    ['set down', []],
    ['power', ['--reason', 'power']],
  ])('keeps a machine down over reloads and restarts, also a drained one: %s', async (reason, args) => {
    for (const { state, drain } of await afterDown(...args)) {
      expect([state, drain.reason, drain.until]).toEqual(['down', reason, null]);
    }
  });

  it('sets the status of OpenSIPS 2.2, which a reload can undo, with --plain', async () => {
    const machines = await afterDown('--plain');
    expect(machines.map(({ state, drain }) => [state, drain])).toEqual([
      ['down', undefined],
      ['up', undefined],
      ['up', undefined],
    ]);
  });

  it('sets a machine up with a reason, which the history records', async () => {
    const service = await twoMachines();
    expect((await ask(service, 'status', '1', '2', 'up', '--reason', 'new disk')).exitCode).toBe(0);
    const { entries } = (await service.request('GET', '/history?kind=node_state')).body;
    expect(entries[0].detail).toEqual({ from: 'down', to: 'up', reason: 'new disk' });
  });

  it('fails for a machine that does not exist', async () => {
    const answer = await ask(await twoMachines(), 'status', '1', '9', 'up');
    expect(answer).toEqual({ exitCode: 1, stdout: '', stderr: 'clusterer: Cluster 1 has no machine 9.\n' });
  });
});

describe('clusterer drain', () => {
  async function drainOf(...args: string[]) {
    const service = await twoMachines();
    const answer = await ask(service, 'drain', '2', '3', '--json', ...args);
    expect([answer.exitCode, answer.stderr]).toEqual([0, '']);
    const machine = JSON.parse(answer.stdout);
    expect((await service.request('GET', '/clusters/2/machines/3')).body).toEqual(machine);
    expect(machine.state).toBe('down');
    return machine.drain;
  }

  it('drains a machine with a reason, until a time', async () => {
    const until = '2126-01-01T00:00:00.000Z';
    expect(await drainOf('--reason', 'kernel update', '--until', until)).toMatchObject({
      reason: 'kernel update',
      until,
    });
  });

  it('drains it for a duration from now', async () => {
    const { reason, until, since } = await drainOf('--for', '1h30m');
    expect(reason).toBeNull();
    const lasts = (Date.parse(until) - Date.parse(since)) / 1000;
    expect(lasts).toBeGreaterThan(5_370);
    expect(lasts).toBeLessThanOrEqual(5_400);
  });

  it('has a default reason when neither a reason nor an end is given', async () => {
    expect(await drainOf()).toMatchObject({ reason: 'drained', until: null });
  });

  it('explains why a time is refused', async () => {
    const past = await ask(await twoMachines(), 'drain', '2', '3', '--until', '2020-01-01T00:00:00Z');
    expect(past).toEqual({ exitCode: 2, stdout: '', stderr: 'clusterer: until must be in the future.\n' });
  });
});

describe('clusterer reload', () => {
  it('prints what the reload changed', async () => {
    const service = await twoMachines();
    const shown = await ask(service, 'reload');
    expect(shown.stdout).toBe('2 machines in 2 clusters: 0 added, 0 removed, 0 changed, 0 skipped\n');
    const json = JSON.parse((await ask(service, 'reload', '--json')).stdout);
    expect(json).toMatchObject({ nodes: 2, skipped: [], repaired: [] });
  });

  it('lists the rows that were skipped, and those that were repaired', async () => {
    const service = await twoMachines(startServiceOnDisk);
    await withTable(service, (table) =>
      table.add(
        {
          clusterer_id: 8,
          cluster_id: 1,
          machine_id: 8,
          url: 'bin:127.0.0.8:5555',
          last_attempt: '8029399167908617523',
        },
        { clusterer_id: 9, cluster_id: 1, machine_id: 9, url: 'bin:' },
      ),
    );
    const [line, ...tables] = (await ask(service, 'reload')).stdout.split('\n');
    expect(line).toBe('3 machines in 2 clusters: 1 added, 0 removed, 0 changed, 1 skipped, 1 repaired');
    expect(tables.join('\n')).toMatch(
      /^skipped:\nROW +FIELD.*\n9 +url .*\nrepaired:\nROW +FIELD.*\n8 +last_attempt .*\n$/,
    );
  });
});

describe('clusterer send', () => {
  it('prints one row per machine, and exits with 1 when one of them was not sent the packet', async () => {
    const service = await startService();
    const received = await receivingMachine(service);
    const whole = await ask(service, 'send', '1', 'ul', '-3', '--payload', 'hällo');
    expect(whole).toEqual({ exitCode: 0, stdout: 'MACHINE  SENT  ERROR\n2        yes   -\n', stderr: '' });
    expect((await received.packet).subarray(-6).toString()).toBe('hällo');
    await service.provision(1, 3, `bin:127.0.0.1:${await freePort()}`);
    const part = await ask(service, 'send', '1', 'ul', '3', '--json');
    expect([part.exitCode, part.stderr]).toEqual([1, 'clusterer: The packet was not sent to 1 of 2 machines.\n']);
    expect(JSON.parse(part.stdout)).toEqual({
      results: [
        { machine_id: 2, sent: true },
        { machine_id: 3, sent: false, error: 'refused' },
      ],
    });
  });

  it.each([
    ['base64', ['--base64', 'aGk='], ''],
    ['standard input', ['--file', '-'], 'hi'],
  ])('takes the payload as %s', async (_, args, input) => {
    const service = await startService();
    const received = await receivingMachine(service);
    const env = { CLUSTERER_URL: service.httpUrl };
    expect((await clusterer(['send', '1', 'ul', '3', ...args], { env, input })).exitCode).toBe(0);
    expect((await received.packet).subarray(-2).toString()).toBe('hi');
  });

  it('sends a packet by name with --fields, and says which field is wrong', async () => {
    const service = await startService();
    const received = await receivingMachine(service);
    const fields = (value: unknown) => ['send', '1', 'ul', 'aor_delete', '--fields', JSON.stringify(value)];
    const wrong = await ask(service, ...fields({ domain: 'location', aor: 5 }));
    expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringContaining('fields/aor')]);
    expect((await ask(service, ...fields({ domain: 'location', aor: 'alice' }))).exitCode).toBe(0);
    expect((await received.packet).subarray(-5).toString()).toBe('alice');
    expect(await ask(service, 'send', '1', 'ul', 'aor_delete')).toMatchObject({ exitCode: 2 });
    expect(await ask(service, 'send', '1', 'ul', 'aor_delete', '--fields', '{')).toMatchObject({ exitCode: 2 });
  });

  it('sends to one machine with --machine', async () => {
    const service = await startService();
    const received = await receivingMachine(service);
    await service.provision(1, 3, `bin:127.0.0.1:${await freePort()}`, { state: 'down' });
    const only = await ask(service, 'send', '1', 'ul', '3', '--machine', '2');
    expect(only).toEqual({ exitCode: 0, stdout: 'MACHINE  SENT  ERROR\n2        yes   -\n', stderr: '' });
    await received.packet;
    const down = await ask(service, 'send', '1', 'ul', '3', '-m', '3');
    expect([down.exitCode, down.stderr]).toEqual([
      1,
      'clusterer: Machine 3 of cluster 1 is not up. Nothing was sent.\n',
    ]);
    const unknown = await ask(service, 'send', '1', 'ul', '3', '-m', '4');
    expect(unknown).toEqual({ exitCode: 1, stdout: '', stderr: 'clusterer: Cluster 1 has no machine 4.\n' });
  });

  it('exits with 1 when no machine is up, and when the cluster is not loaded', async () => {
    const service = await twoMachines();
    const none = await ask(service, 'send', '1', 'ul', '3');
    expect([none.exitCode, none.stderr]).toEqual([1, 'clusterer: No machine of cluster 1 is up. Nothing was sent.\n']);
    const unknown = await ask(service, 'send', '9', 'ul', '3');
    expect(unknown).toEqual({ exitCode: 1, stdout: '', stderr: 'clusterer: Cluster 9 has no loaded row.\n' });
  });
});

describe('the command line', () => {
  it.each([['list'], ['send', '1', 'ul', '3'], ['watch'], ['listen', 'ul']])(
    'exits with 3 and says what to do when %s finds no service',
    async (...args) => {
      const url = `http://127.0.0.1:${await freePort()}`;
      const { exitCode, stdout, stderr } = await clustererProcess(args, { env: { CLUSTERER_URL: url } });
      expect([exitCode, stdout]).toEqual([3, '']);
      expect(stderr).toMatch(
        /^clusterer: There is no service at .* ECONNREFUSED .*\. Start it, or correct the URL\.\n$/,
      );
    },
  );

  it('exits with 3 when the URL is not that of a service', async () => {
    const other = createServer((_, response) => response.end('<html>')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const answer = await clusterer(['list', '--url', url]);
    expect([answer.exitCode, answer.stdout]).toEqual([3, '']);
    expect(answer.stderr).toBe(`clusterer: ${url} is not a Clusterer service (HTTP status 200). Check the URL.\n`);
    other.close();
  });

  it.each(['list', 'watch'])('says that %s needs a token, and never prints one', async (command) => {
    const service = await startService({ CLUSTERER_TOKENS: `me:read:${digest('right')}` });
    const none = await ask(service, command);
    expect([none.exitCode, none.stdout]).toEqual([1, '']);
    expect(none.stderr).toMatch(/^clusterer: .* --token or CLUSTERER_TOKEN\.\n$/);
    const wrong = await ask(service, command, '--token', 'wr0ng-one');
    expect([wrong.exitCode, wrong.stdout]).toEqual([1, '']);
    expect(wrong.stderr).toMatch(/^clusterer: The service rejected the token in --token\. .*\n$/);
    const fromVariable = { CLUSTERER_URL: service.httpUrl, CLUSTERER_TOKEN: 'wr0ng-one' };
    const { stderr } = await clusterer([command], { env: fromVariable });
    expect(stderr).toContain('the token in CLUSTERER_TOKEN.');
    expect(stderr + wrong.stderr).not.toContain('wr0ng');
    const impossible = await ask(service, command, '--token', 'zw\u00f6lf boxer');
    expect(impossible.exitCode).toBe(2);
    expect(impossible.stderr).not.toMatch(/zw|boxer/);
  });

  it('names the role that a command needs', async () => {
    const service = await startService({ CLUSTERER_TOKENS: `me:read:${digest('right')}` });
    const env = { CLUSTERER_URL: service.httpUrl, CLUSTERER_TOKEN: 'right' };
    expect((await clusterer(['list'], { env })).exitCode).toBe(0);
    for (const [role, ...args] of [
      ['operate', 'reload'],
      ['module', 'listen', 'ul'],
    ] as const) {
      const stderr = `clusterer: This requires a token with the role ${role}; yours has read.\n`;
      expect(await clusterer(args, { env })).toEqual({ exitCode: 1, stdout: '', stderr });
    }
  });

  it.each([
    [['lst'], /unknown command 'lst'/],
    [['list', '--cluster', 'x'], /--cluster.* whole number/],
    [['list', '--cluster', '0'], /An id is 1 to 2147483647/],
    [['list', '--state', 'off'], /up, temp_disabled, down/],
    [['status', '1', '2', 'temp_disabled'], /up, down/],
    [['status', '1', '2'], /missing required argument 'status'/],
    [['list', 'more'], /too many arguments/],
    [['status', '1', '2', 'down', '--plain', '--reason', 'a'], /cannot be used with/],
    [['drain', '1', '2', '--for', 'soon'], /30m/],
    [['drain', '1', '2', '--for', '0m'], /longer than zero/],
    [['drain', '1', '2', '--until', 'tomorrow'], /2026-11-22T18:00:00Z/],
    [['drain', '1', '2', '--until', '2026-13-01T00:00:00Z'], /2026-11-22T18:00:00Z/],
    [['listen', 'ul', '--cluster', '1', '--timeout', 'soon'], /a number of seconds/],
    [['drain', '1', '2', '--for', '5m', '--until', '2030-01-01T00:00:00Z'], /cannot be used with/],
    [['send', '1', 'ul', '3', '--payload', 'a', '--base64', 'aa=='], /cannot be used with/],
    [['send', '1', 'ul', '3', '--base64', 'a b'], /--base64 must be padded base64/],
    [['send', '1', 'ul', '3', '--file', '/no/such/file'], /--file cannot be read: .*ENOENT/],
    [['listen', 'ul', '--timeout', '5'], /--timeout' requires --cluster/],
    [['listen', 'ul', '--keepalive', '5'], /--keepalive' requires --cluster/],
    [['list', '--url', 'nowhere'], /url must be the URL of the service.* CLUSTERER_URL/],
  ])('exits with 2 and one line for %j', async (args, line) => {
    const { exitCode, stdout, stderr } = await clusterer(args);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^clusterer: .*\n$/);
    expect(stderr).toMatch(line);
  });

  it.each([
    ['listen', 'ul', '--cluster', '1', '--timeout', '99999999999'],
    ['listen', 'ul', '--protocol', 'udp'],
    ['send', '1', 'ul', '9999999999'],
    ['drain', '2', '3', '--reason', 'x'.repeat(201)],
  ])('exits with 2 for what the service finds invalid: %s %s', async (...args) => {
    const { exitCode, stdout, stderr } = await ask(await twoMachines(), ...args);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^clusterer: .*\n$/);
  });

  it('exits with 2 and prints the help without a command, and with 0 on --help', async () => {
    const nothing = await clusterer([]);
    expect([nothing.exitCode, nothing.stdout, nothing.stderr]).toEqual([2, '', expect.stringContaining('Exit codes')]);
    const help = await clusterer(['drain', '--help']);
    expect([help.exitCode, help.stderr]).toEqual([0, '']);
    expect(help.stdout).toMatch(/--for <duration>[\s\S]*--token <token>/);
  });
});
