import { endFleetAfterEach } from '../support/fleet/fleet.js';
import { linked, MEMBER, startMember } from '../support/fleet/member.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

stopServicesAfterEach();
endFleetAfterEach();

const UL = 'usrloc-contact-repl';

/** A linked fleet of two machines, of which the first is synced. */
async function linkedFleet(net: number) {
  const member = await startMember(net, [
    { id: 1, capabilities: { [UL]: true } },
    { id: 2, capabilities: { [UL]: false } },
  ]);
  await linked(member);
  const get = async (path: string) => (await member.service.request('GET', `/clusters/1/${path}`)).body;
  return { member, get };
}

describe('GET /clusters/{c}/topology', () => {
  it('shows this service first, then the links that each machine has announced', async () => {
    const { member, get } = await linkedFleet(91);
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
    const { member, get } = await linkedFleet(92);
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
  });
});
