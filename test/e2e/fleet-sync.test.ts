import { endFleetAfterEach } from '../support/fleet/fleet.js';
import { linked, MEMBER, type Member, startMember } from '../support/fleet/member.js';
import type { Donor } from '../support/fleet/node.js';
import type { SocketClient, SocketNotification } from '../support/peers/socket-client.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

stopServicesAfterEach();
endFleetAfterEach();

const UL = 'usrloc-contact-repl';
const AOR_INSERT = 1;
const AOR_DELETE = 2;

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeUInt16LE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** The fields of `AOR_INSERT` of usrloc, version 3. */
function aor(name: string): Buffer {
  return Buffer.concat([text('location'), text(name), int(7), int(1)]);
}

function aorDelete(name: string): Buffer {
  return Buffer.concat([text('location'), text(name)]);
}

/** As a donor writes it: no contact, then the fields. */
function chunk(name: string): Buffer {
  return Buffer.concat([int(0), aor(name)]);
}

const AORS = ['alice', 'bob', 'carol'];

/** Machines with three records each, that fail as donors as `donors` says. */
async function startDonors(net: number, ...donors: readonly Donor[]): Promise<Member> {
  const data = { [UL]: { version: 3, chunks: AORS.map(chunk) } };
  const member = await startMember(
    net,
    donors.map((donor, i) => ({ id: i + 1, family: 'E', capabilities: { [UL]: true }, data, donor })),
    { CLUSTERER_SYNC_TIMEOUT_SECONDS: '1' },
  );
  await linked(member);
  return member;
}

const REGISTER = { module: UL, protocol: 'bin', timeout: 0, auth_check: true, cluster_id: 1, sync: true };

async function synced(socket: SocketClient): Promise<SocketNotification> {
  return socket.until(({ notifications }) => notifications.find(({ method }) => method === 'sync_ended'));
}

function packetsOf({ notifications }: SocketClient): Record<string, unknown>[] {
  return notifications.filter(({ method }) => method === 'packet').map(({ params }) => params);
}

describe('a registration with sync', () => {
  it('gets what the donor holds as the live packets that it stands for', async () => {
    const member = await startDonors(90, {});
    const socket = await member.service.socket();
    await socket.call('register_module', REGISTER);
    const ended = await synced(socket);
    expect(ended.params).toMatchObject({ machine_id: 1, packets: 3, complete: true });
    expect(packetsOf(socket)).toMatchObject(
      AORS.map((name) => ({
        sync: true,
        packet_type: AOR_INSERT,
        machine_id: 1,
        payload: aor(name).toString('base64'),
      })),
    );
    const methods = socket.notifications.map(({ method }) => method).filter((method) => method !== 'welcome');
    expect(methods).toEqual(['sync_started', 'packet', 'packet', 'packet', 'sync_ended']);
  });

  it('gets all of it from a donor that splits the data over packets', async () => {
    const member = await startDonors(91, { chunksAtOnce: 1 });
    const socket = await member.service.socket();
    await socket.call('register_module', REGISTER);
    expect((await synced(socket)).params).toMatchObject({ packets: 3, complete: true });
  });

  it('gets live packets only after the end, and each of them once', async () => {
    const member = await startDonors(92, { chunksAtOnce: 1 });
    const donor = member.machine(1);
    donor.donor = {
      chunksAtOnce: 1,
      meanwhile: (packet) => {
        donor.send(MEMBER, {
          capability: UL,
          version: 3,
          type: AOR_DELETE,
          body: aorDelete(`live${packet}`),
        });
      },
    };
    const socket = await member.service.socket();
    await socket.call('register_module', REGISTER);
    const packets = await socket.until((client) => packetsOf(client).length === 6 && packetsOf(client));
    expect(packets.map(({ sync }) => sync === true)).toEqual([true, true, true, false, false, false]);
  });

  it('is told that a wrong count is not complete', async () => {
    const member = await startDonors(93, { miscounts: 2 });
    const socket = await member.service.socket();
    await socket.call('register_module', REGISTER);
    expect((await synced(socket)).params).toMatchObject({ packets: 3, complete: false, reason: expect.any(String) });
  });

  it('gets the rest from another donor when the first dies', async () => {
    const member = await startDonors(94, { chunksAtOnce: 1, dies: 1 }, {});
    const socket = await member.service.socket();
    await socket.call('register_module', REGISTER);
    expect((await synced(socket)).params).toMatchObject({ machine_id: 2, complete: true });
    const started = socket.notifications.filter(({ method }) => method === 'sync_started');
    expect(started.map(({ params }) => params.machine_id)).toEqual([1, 2]);
  });

  it('ends with a reason when the donor sends nothing', async () => {
    const member = await startDonors(95, { silent: true });
    const socket = await member.service.socket();
    await socket.call('register_module', REGISTER);
    expect((await synced(socket)).params).toMatchObject({ complete: false, packets: 0, reason: expect.any(String) });
  });

  it('ends without a donor when nobody has the data', async () => {
    const member = await startMember(96, [{ id: 1, capabilities: { [UL]: false } }]);
    await linked(member);
    const socket = await member.service.socket();
    await socket.call('register_module', REGISTER);
    expect((await synced(socket)).params).toMatchObject({ complete: false, reason: 'no_donor' });
  });

  it('asks again with resync', async () => {
    const member = await startDonors(97, {});
    const socket = await member.service.socket();
    const { registration } = await socket.call('register_module', REGISTER);
    await synced(socket);
    expect(await socket.call('resync', { registration })).toEqual({ started: true });
    await socket.until((client) => client.notifications.filter(({ method }) => method === 'sync_ended').length === 2);
    expect(packetsOf(socket)).toHaveLength(6);
  });

  it('goes on where it was after a lost connection, without a new sync', async () => {
    const member = await startDonors(99, { chunksAtOnce: 1 });
    const socket = await member.service.socket();
    const { registration, epoch } = await socket.call('register_module', REGISTER);
    await synced(socket);
    socket.socket.terminate();
    const second = await member.service.socket();
    const resume = { registration, epoch, seq: 2 };
    expect(await second.call('register_module', { ...REGISTER, resume })).toMatchObject({ resumed: true, missed: 3 });
    await synced(second);
    member.machine(1).send(MEMBER, { capability: UL, version: 3, type: AOR_DELETE, body: aorDelete('dave') });
    await second.until((client) => packetsOf(client).some(({ sync }) => sync === undefined));
    expect(second.received({ registration, number: 1 })).toEqual([
      ['packet', 3],
      ['packet', 4],
      ['sync_ended', 5],
      ['packet', 6],
    ]);
    const other = { ...REGISTER, sync: false, resume: { ...resume, seq: 6 } };
    expect(await second.call('register_module', other)).toMatchObject({ resumed: false, reason: 'mismatch' });
  });

  it('ends without a donor when its cluster is not loaded in time', async () => {
    const service = await startService({ CLUSTERER_DIALECT: '2.4', CLUSTERER_SEED_FALLBACK_SECONDS: '1' });
    const socket = await service.socket();
    await socket.call('register_module', REGISTER);
    expect((await synced(socket)).params).toMatchObject({ machine_id: null, complete: false, reason: 'no_donor' });
  });

  it('is refused for a capability that has no sync', async () => {
    const member = await startMember(98, [{ id: 1 }]);
    const socket = await member.service.socket();
    const module = 'ratelimit-pipe-repl';
    await expect(socket.call('register_module', { ...REGISTER, module })).rejects.toMatchObject({
      data: { code: 'sync_not_supported' },
    });
  });

  it.each([
    { where: 'for all clusters', given: { cluster_id: 0, auth_check: false } },
    { where: 'in a cluster that speaks 2.2', given: { cluster_id: 7 } },
  ])('is refused $where, and so is asking again', async ({ given }) => {
    const service = await startService({ CLUSTERER_DIALECT: '2.4,7:2.2' });
    const socket = await service.socket();
    const refused = { data: { code: 'sync_not_supported' } };
    await expect(socket.call('register_module', { ...REGISTER, ...given })).rejects.toMatchObject(refused);
    const { registration } = await socket.call('register_module', { ...REGISTER, ...given, sync: false });
    await expect(socket.call('resync', { registration })).rejects.toMatchObject(refused);
  });

  it('is asked for again only by the socket that carries it', async () => {
    const socket = await (await startService({ CLUSTERER_DIALECT: '2.4' })).socket();
    await expect(socket.call('resync', { registration: 'another' })).rejects.toMatchObject({
      data: { code: 'unknown_registration' },
    });
  });
});
