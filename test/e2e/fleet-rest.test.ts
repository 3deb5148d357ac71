import { endFleetAfterEach } from '../support/fleet/fleet.js';
import { linked, MEMBER, releasesKnown, startMember, startPair } from '../support/fleet/member.js';
import type { SimulatedMachine } from '../support/fleet/node.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

stopServicesAfterEach();
endFleetAfterEach();

const UL = 'usrloc-contact-repl';

function extras(machine: SimulatedMachine) {
  return machine.packets('clusterer-extra');
}

async function linkedFleet(net: number) {
  const member = await startPair(net);
  const get = async (path: string) => (await member.service.request('GET', `/clusters/1/${path}`)).body;
  return { member, get };
}

describe('GET /clusters/{c}/topology', () => {
  it('shows this service first, then the links that each machine has announced', async () => {
    const { member, get } = await linkedFleet(131);
    const socket = await member.service.socket();
    await socket.call('watch', { cluster_id: 1 });
    member.machine(1).partition(2);
    member.machine(2).partition(1);
    for (const id of [1, 2]) {
      await socket.until(({ notifications }) =>
        notifications.some(({ method, params }) => {
          return method === 'topology' && params.machine_id === id && String(params.neighbours) === String(MEMBER);
        }),
      );
    }
    expect(await get('topology')).toEqual({
      machines: [
        { machine_id: MEMBER, own: true, neighbours: [1, 2] },
        { machine_id: 1, own: false, neighbours: [MEMBER] },
        { machine_id: 2, own: false, neighbours: [MEMBER] },
      ],
    });
  });

  it('is empty in a cluster of dialect 2.2, and 404 in an unknown one', async () => {
    const service = await startService();
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    expect((await service.request('GET', '/clusters/1/topology')).body).toEqual({ machines: [] });
    expect((await service.request('GET', '/clusters/1/capabilities')).body).toEqual({ capabilities: [] });
    expect(await service.request('GET', '/clusters/2/topology')).toMatchObject({
      status: 404,
      body: { code: 'unknown_cluster' },
    });
  });
});

describe('GET /clusters/{c}/capabilities', () => {
  it('shows what each machine has announced, and the modules that are registered here as not synced', async () => {
    const { member, get } = await linkedFleet(132);
    const socket = await member.service.socket();
    await socket.call('register_module', { module: 'ul', protocol: 'bin', timeout: 0, auth_check: 1, cluster_id: 1 });
    const { notifications } = socket;
    await socket.call('watch', { cluster_id: 1 });
    member.machine(2).setCapability('dialog-dlg-repl', true);
    await socket.until(() => notifications.some(({ params }) => params.name === 'dialog-dlg-repl'));
    expect(await get('capabilities')).toEqual({
      capabilities: [
        { name: 'dialog-dlg-repl', machines: [{ machine_id: 2, state: 'synced' }] },
        {
          name: UL,
          machines: [
            { machine_id: 1, state: 'synced' },
            { machine_id: 2, state: 'not_synced' },
            { machine_id: MEMBER, state: 'not_synced' },
          ],
        },
      ],
    });
    const { entries } = (await member.service.request('GET', '/history?kind=capability&machine_id=2')).body;
    // What it announced at the start is not a change.
    expect(entries).toMatchObject([
      { cluster_id: 1, by: null, detail: { name: 'dialog-dlg-repl', from: null, to: 'synced' } },
    ]);
  });
});

describe('POST /clusters/{c}/mi', () => {
  it('runs a command on every machine that is reached, in the message of its family', async () => {
    const member = await startMember(133, [
      { id: 1, family: 'C3', capabilities: { [UL]: true } },
      { id: 2, family: 'E', capabilities: { [UL]: false } },
    ]);
    await linked(member);
    await releasesKnown(member, [1, 2]);
    const { status, body } = await member.service.request('POST', '/clusters/1/mi', {
      command: 'ul_rm',
      params: ['location', 'alice'],
    });
    expect([status, body]).toEqual([
      202,
      {
        results: [
          { machine_id: 1, sent: true },
          { machine_id: 2, sent: true },
        ],
      },
    ]);
    for (const [id, type] of [
      [1, 7],
      [2, 8],
    ] as const) {
      const machine = member.machine(id);
      await machine.until(() => extras(machine).length > 0);
      expect(extras(machine)).toMatchObject([{ type, origin: MEMBER, destination: id }]);
      expect(extras(machine)[0]?.body.toString('latin1')).toContain('ul_rm');
    }
    const { entries } = (await member.service.request('GET', '/history?kind=mi')).body;
    expect(entries).toMatchObject([{ cluster_id: 1, detail: { command: 'ul_rm', machines: [1, 2] } }]);
    expect(JSON.stringify(entries)).not.toContain('alice');
  });

  it('says which machine it cannot reach, and names what is wrong with a request', async () => {
    const { member } = await linkedFleet(134);
    await member.service.request('PUT', '/clusters/1/machines/2/status', { status: 'down' });
    const post = (body: object) => member.service.request('POST', '/clusters/1/mi', body);
    expect((await post({ command: 'uptime', machine_id: 2 })).body).toEqual({
      results: [{ machine_id: 2, sent: false, error: 'unreachable' }],
    });
    expect((await post({ command: 'uptime' })).body).toEqual({ results: [{ machine_id: 1, sent: true }] });
    expect(await post({ command: 'uptime', machine_id: 7 })).toMatchObject({
      status: 404,
      body: { code: 'unknown_machine' },
    });
    expect(await post({ command: 'up time' })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/command', detail: 'must be printable ASCII without spaces' }] },
    });
    expect(await post({ command: 'uptime', params: new Array(16).fill('x') })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/params' }] },
    });
    expect(await post({ command: 'uptime', params: ['x'.repeat(65_000), 'x'.repeat(65_000)] })).toMatchObject({
      status: 400,
      body: { code: 'payload_too_long' },
    });
  });

  it('is refused in a cluster of dialect 2.2', async () => {
    const service = await startService();
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    const answer = await service.request('POST', '/clusters/1/mi', { command: 'uptime' });
    expect(answer).toMatchObject({ status: 409, body: { code: 'dialect_not_supported' } });
  });
});

describe('POST /clusters/{c}/messages', () => {
  it('sends a request with a tag of its own, and a reply with the tag of its request', async () => {
    const { member } = await linkedFleet(135);
    const post = (body: object) => member.service.request('POST', '/clusters/1/messages', body);
    const { body } = await post({ message: 'hello', machine_id: 1 });
    expect(body).toEqual({
      tag: expect.stringMatching(/^cluster-node-.{24}$/),
      results: [{ machine_id: 1, sent: true }],
    });
    expect((await post({ message: 'yes', tag: 'any', reply: true, machine_id: 1 })).body.tag).toBe('any');
    const machine = member.machine(1);
    await machine.until(() => extras(machine).length === 2);
    expect(extras(machine).map((one) => one.body.readInt32LE(0))).toEqual([1, 0]);
    const { entries } = (await member.service.request('GET', '/history?kind=message')).body;
    expect(entries).toMatchObject([
      { cluster_id: 1, machine_id: null, by: null, detail: { reply: true, tag: 'any', machines: [1] } },
      { cluster_id: 1, detail: { reply: false, tag: body.tag, machines: [1] } },
    ]);
    expect(JSON.stringify(entries)).not.toContain('hello');
    expect(await post({ message: 'yes', reply: true })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/tag' }] },
    });
  });
});
