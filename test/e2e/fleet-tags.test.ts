import { endFleetAfterEach } from '../support/fleet/fleet.js';
import { linked, MEMBER, type Member, startMember } from '../support/fleet/member.js';
import type { MachineOptions, SimulatedMachine } from '../support/fleet/node.js';
import { only, scrape } from '../support/service/metrics.js';
import { stopServicesAfterEach } from '../support/service/service.js';

/** A split lasts for several pings. */
jest.setTimeout(60_000);
stopServicesAfterEach();
endFleetAfterEach();

const UL = 'usrloc-contact-repl';

/** Machines that announce a capability, so that their families are known. */
function machines(...given: readonly Omit<MachineOptions, 'host'>[]) {
  return given.map((machine) => ({ capabilities: { [UL]: false }, ...machine }));
}

async function started(net: number, ...given: readonly Omit<MachineOptions, 'host'>[]): Promise<Member> {
  const member = await startMember(net, machines(...given));
  await linked(member);
  return member;
}

function give({ service }: Member, owner: number, more: object = {}) {
  return service.request('PUT', '/clusters/1/tags/vip', { owner, ...more });
}

async function tagsOf({ service }: Member) {
  return (await service.request('GET', '/clusters/1/tags')).body.tags;
}

function isActive(machine: SimulatedMachine): boolean {
  return machine.tags.get('vip') === 'active';
}

/** Watches cluster 1. Returns how to wait for a change of a tag. */
async function watched({ service }: Member) {
  const socket = await service.socket();
  await socket.call('watch', { cluster_id: 1 });
  return (wanted: object) =>
    socket.until(({ notifications }) =>
      notifications.find(({ method, params }) => {
        const named = Object.entries(wanted);
        return method === 'tag' && named.every(([name, value]) => (params as Record<string, unknown>)[name] === value);
      }),
    );
}

/** Resolves when exactly this machine is active. */
async function onlyActive({ fleet }: Member, id: number): Promise<void> {
  await Promise.all(fleet.map((machine) => machine.until(() => isActive(machine) === (machine.id === id))));
}

describe('a sharing tag', () => {
  it('moves to the machine that an operator names, and every other machine becomes backup', async () => {
    const member = await started(120, { id: 1 }, { id: 2 }, { id: 3, family: 'C3' });
    member.machine(3).activate('vip');
    await member.machine(3).until(() => isActive(member.machine(3)));

    const first = await give(member, 2, { failover: [1], after_seconds: 20 });
    expect(first).toMatchObject({
      status: 200,
      body: { tag: 'vip', owner: 2, managed: true, failover: [1], after_seconds: 20 },
    });
    await onlyActive(member, 2);
    const second = await give(member, 1);
    expect(second.body.fence).toBeGreaterThan(first.body.fence);
    expect(second.body).toMatchObject({ failover: [], after_seconds: 10 });
    expect(second.body.machines).toContainEqual({ machine_id: 1, state: 'active' });
    await onlyActive(member, 1);
    expect(await tagsOf(member)).toEqual([second.body]);
  });

  it('that nobody manages shows who announced it', async () => {
    const member = await started(121, { id: 1 }, { id: 2 });
    const seen = await watched(member);
    member.machine(1).activate('vip');
    const { params } = await seen({ reason: 'announced' });
    expect(params).toMatchObject({ cluster_id: 1, machine_id: 1, tag: 'vip', owner: 1, managed: false, fence: 0 });
    expect(await tagsOf(member)).toMatchObject([{ tag: 'vip', owner: 1, managed: false, after_seconds: null }]);
  });

  it('that the owner does not confirm is an error with what is known, and is asserted when the owner is back', async () => {
    const member = await started(122, { id: 1 }, { id: 2 });
    expect((await give(member, 1)).status).toBe(200);
    await member.machine(2).kill();
    const { body } = await give(member, 2);
    expect(body).toMatchObject({ status: 504, code: 'tag_not_confirmed', tag: { owner: 2, managed: true } });
    expect(isActive(member.machine(1))).toBe(true);
    await member.machine(2).start();
    for (const machine of member.fleet) member.machine(2).know(machine);
    member.machine(2).know({ id: MEMBER, url: member.url });
    await onlyActive(member, 2);
  });

  it('is lost in the metrics when its owner is not reached, and not while the owner says nothing', async () => {
    const member = await started(205, { id: 1 }, { id: 2 });
    const lost = async () => only(await scrape(member.service), 'clusterer_tag_lost');
    // As a daemon that has told this service before: it is active, and says nothing.
    member.machine(1).activate = () => {};
    await give(member, 1);
    expect(await tagsOf(member)).toMatchObject([{ owner: 1, machines: [{ machine_id: 1, state: 'unknown' }, {}] }]);
    expect(await lost()).toEqual({ '{cluster_id="1",tag="vip"}': 0 });
    await member.machine(1).kill();
    await waitForState(member, 1, 'temp_disabled');
    expect(await lost()).toEqual({ '{cluster_id="1",tag="vip"}': 1 });
  });

  it('is taken from a machine that becomes active without being the owner', async () => {
    const member = await started(123, { id: 1 }, { id: 2 }, { id: 3, family: 'C3' });
    await give(member, 1);
    const seen = await watched(member);
    // A machine of another wire family does not hear the owner, and the owner does not hear it.
    member.machine(3).activate('vip');
    const { params } = await seen({ reason: 'demoted' });
    expect(params).toMatchObject({ machine_id: 3, owner: 1, from: 1 });
    await onlyActive(member, 1);
    // The owner hears this one, and becomes backup.
    member.machine(2).activate('vip');
    await seen({ reason: 'demoted', machine_id: 2 });
    await onlyActive(member, 1);
    const { body } = await member.service.request('GET', '/history?kind=tag');
    const entries: { detail: { fence: number; reason: string } }[] = body.entries;
    expect(entries.map(({ detail }) => detail.reason)).toEqual(['demoted', 'demoted', 'operator']);
    const fences = entries.map(({ detail }) => detail.fence);
    expect(fences).toEqual([...fences].sort((a, b) => b - a));
    expect(new Set(fences).size).toBe(fences.length);
  });

  it('is on one machine again after a split in which two were active', async () => {
    const member = await started(124, { id: 1 }, { id: 2 });
    await give(member, 1);
    member.machine(2).partition(1, MEMBER);
    member.machine(1).partition(2);
    await member.machine(2).until(() => member.machine(2).links.up.length === 0);
    await waitForState(member, 2, 'temp_disabled');
    member.machine(2).activate('vip');
    expect(member.fleet.every(isActive)).toBe(true);
    for (const machine of member.fleet) machine.heal();
    await onlyActive(member, 1);
    expect(await tagsOf(member)).toMatchObject([{ owner: 1, managed: true }]);
  });

  it('stays where an operator wanted it over a restart of the service', async () => {
    const member = await started(125, { id: 1 }, { id: 2 });
    const { fence } = (await give(member, 1, { failover: [2] })).body;
    await member.service.stop();
    member.machine(2).activate('vip');
    await onlyActive(member, 2);
    await member.service.start();
    await onlyActive(member, 1);
    const [tag] = await tagsOf(member);
    expect(tag).toMatchObject({ owner: 1, managed: true, failover: [2] });
    expect(tag.fence).toBeGreaterThanOrEqual(fence);
  });

  it('that is released stays where it is, and its fence goes on from there', async () => {
    const member = await started(126, { id: 1 }, { id: 2 });
    const { fence } = (await give(member, 1)).body;
    expect((await member.service.request('DELETE', '/clusters/1/tags/vip')).status).toBe(204);
    expect((await member.service.request('DELETE', '/clusters/1/tags/nobody')).status).toBe(204);
    expect(await tagsOf(member)).toMatchObject([{ owner: 1, managed: false, failover: [] }]);
    member.machine(2).activate('vip');
    await onlyActive(member, 2);
    expect((await give(member, 1)).body.fence).toBeGreaterThan(fence + 1);
  });
});

describe('failover of a sharing tag', () => {
  it('takes the next machine when the owner is lost to all', async () => {
    const member = await started(127, { id: 1 }, { id: 2 }, { id: 3 });
    const { fence } = (await give(member, 1, { failover: [2, 3], after_seconds: 1 })).body;
    const seen = await watched(member);
    member.machine(1).freeze();
    const { params } = await seen({ reason: 'failover' });
    expect(params).toMatchObject({ machine_id: 2, owner: 2, from: 1, fence: fence + 1 });
    await member.machine(2).until(() => isActive(member.machine(2)));
    // The lost owner still believes that it is active.
    member.machine(1).freeze(false);
    await onlyActive(member, 2);
    const { body } = await member.service.request('GET', '/history?kind=tag&limit=1');
    expect(body.entries[0]).toMatchObject({
      cluster_id: 1,
      cause: 'failover',
      by: null,
      detail: { owner: 2, from: 1 },
    });
  });

  it('does not happen while the other machines see the owner', async () => {
    const member = await started(128, { id: 1 }, { id: 2 }, { id: 3 }, { id: 4 });
    await give(member, 1, { failover: [2, 3], after_seconds: 1 });
    member.machine(1).partition(MEMBER);
    await waitForState(member, 1, 'temp_disabled');
    // Machine 2 is lost to all after machine 1 is lost to the service: when its tag moves, that of machine 1 could have moved too.
    await member.service.request('PUT', '/clusters/1/tags/other', { owner: 2, failover: [3], after_seconds: 1 });
    const seen = await watched(member);
    member.machine(2).freeze();
    await seen({ reason: 'failover', tag: 'other' });
    expect(await tagsOf(member)).toMatchObject([
      { tag: 'other', owner: 3 },
      { tag: 'vip', owner: 1, managed: true },
    ]);
    expect(isActive(member.machine(1))).toBe(true);
  });
});

describe('failover in a split network', () => {
  it('does not happen on the side of the minority, and does when the majority is reached again', async () => {
    const member = await started(206, { id: 1 }, { id: 2 }, { id: 3 }, { id: 4 });
    const { fence } = (await give(member, 1, { failover: [4, 2], after_seconds: 1 })).body;
    const socket = await member.service.socket();
    await socket.call('watch', { cluster_id: 1 });
    // The service and machine 4 are two of five, and neither sees the owner.
    for (const id of [1, 2, 3]) member.machine(id).partition(4, MEMBER);
    member.machine(4).partition(1, 2, 3);
    // A lost machine is pinged once a second, so the owner has been lost for longer than `after_seconds` and a ping.
    await socket.until(({ notifications }) => {
      const downs = notifications.filter(({ method, params }) => method === 'link' && params.to === 'down');
      return [1, 2, 3].every((id) => downs.filter(({ params }) => params.machine_id === id).length > 3);
    });
    const [lost] = await tagsOf(member);
    expect(lost).toMatchObject({ owner: 1, managed: true, fence });
    expect(member.fleet.filter(isActive).map(({ id }) => id)).toEqual([1]);

    const seen = await watched(member);
    member.machine(1).freeze();
    for (const id of [2, 3, 4]) member.machine(id).heal();
    expect((await seen({ reason: 'failover' })).params).toMatchObject({ from: 1, fence: fence + 1 });
  });
});

describe('a call about sharing tags', () => {
  it('names the machine that is unknown, has no tags, or is this service', async () => {
    const member = await started(129, { id: 1 }, { id: 2, family: 'C2' });
    const answer = async (body: object) => {
      const { status, body: problem } = await member.service.request('PUT', '/clusters/1/tags/vip', body);
      return [status, problem.code];
    };
    expect(await answer({ owner: 7 })).toEqual([404, 'unknown_machine']);
    expect(await answer({ owner: 1, failover: [7] })).toEqual([404, 'unknown_machine']);
    expect(await answer({ owner: 2 })).toEqual([409, 'tags_not_supported']);
    expect(await answer({ owner: MEMBER })).toEqual([409, 'tags_not_supported']);
    expect(await answer({ owner: 1, after_seconds: 0 })).toEqual([400, 'invalid_input']);
    expect(await answer({})).toEqual([400, 'invalid_input']);
    const slash = await member.service.request('PUT', '/clusters/1/tags/a%2Fb', { owner: 1 });
    const detail = 'must be printable ASCII without spaces and slashes';
    expect(slash).toMatchObject({ status: 400, body: { errors: [{ pointer: '/tag', detail }] } });
    expect((await member.service.request('GET', '/clusters/8/tags')).status).toBe(404);
    expect(await tagsOf(member)).toEqual([]);
  });
});

async function waitForState(member: Member, id: number, state: string): Promise<void> {
  const socket = await member.service.socket();
  await socket.call('watch', { cluster_id: 1 });
  if ((await member.shown(id)).state === state) return;
  await socket.until(({ notifications }) =>
    notifications.some(
      ({ method, params }) =>
        method === 'node_state' && (params.machine as { machine_id: number }).machine_id === id && params.to === state,
    ),
  );
}
