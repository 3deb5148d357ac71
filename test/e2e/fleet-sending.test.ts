import { endFleetAfterEach } from '../support/fleet/fleet.js';
import { linked, MEMBER, type Member, startMember } from '../support/fleet/member.js';
import { AOR_DELETE, AOR_INSERT, aorDelete, aorInsert, USRLOC } from '../support/fleet/payloads.js';
import { packetBytes } from '../support/peers/bin-peer.js';
import { closeClientsAfterEach, connectClient } from '../support/peers/client.js';
import { sendToFrame } from '../support/peers/packet-frame.js';
import type { SocketClient } from '../support/peers/socket-client.js';
import { stopServicesAfterEach } from '../support/service/service.js';

stopServicesAfterEach();
closeClientsAfterEach();
endFleetAfterEach();

const SYNCED = { [USRLOC]: true };
const REGISTER = { module: 'ul', protocol: 'bin', timeout: 0, auth_check: true, cluster_id: 1 };

const base64 = (bytes: Buffer) => bytes.toString('base64');

async function fleetOf(net: number, ...ids: readonly number[]): Promise<Member> {
  const member = await startMember(
    net,
    ids.map((id) => ({ id, capabilities: SYNCED })),
  );
  await linked(member);
  return member;
}

function send({ service }: Member, body: object) {
  return service.request('POST', '/clusters/1/packets', {
    module: 'ul',
    packet_type: AOR_DELETE,
    payload: base64(aorDelete('bob')),
    ...body,
  });
}

/** A frame of dialect 2.4, written without code of the service. */
function packet24(capability: string, type: number, body: Buffer, version = 3): Buffer {
  const head = Buffer.alloc(12);
  head.write('P4CK');
  head.writeUInt16LE(version, 8);
  head.writeUInt16LE(capability.length, 10);
  const number = Buffer.alloc(4);
  number.writeInt32LE(type);
  const frame = Buffer.concat([head, Buffer.from(capability), number, body]);
  frame.writeUInt32LE(frame.length, 4);
  return frame;
}

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly data: unknown };
}

/** Sends a binary `send_to` of cluster 1. `id`: one that no other request of the socket has. */
async function answerTo(socket: SocketClient, id: number, packet: Buffer): Promise<Answer> {
  socket.socket.send(sendToFrame(id, 1, packet));
  return socket.until(({ frames }) => (frames as Answer[]).find((frame) => frame.id === id));
}

/** Cluster 70, origin 71, destination 72: the service writes others. */
const TRAILER = Buffer.from('460000004700000048000000', 'hex');

describe('a packet to a fleet', () => {
  it('has the version that each machine sent last, and is not sent where this version has other fields', async () => {
    const member = await fleetOf(90, 1, 2);
    const socket = await member.service.socket();
    await socket.call('register_module', REGISTER);
    const [first, second] = [member.machine(1), member.machine(2)];
    first.send(MEMBER, { capability: USRLOC, version: 5, type: AOR_DELETE, body: aorDelete('alice') });
    await socket.until(({ notifications }) => notifications.some(({ method }) => method === 'packet'));
    const insert = await send(member, { packet_type: AOR_INSERT, payload: base64(aorInsert('bob')) });
    expect(insert.body.results).toEqual([
      { machine_id: 1, sent: false, error: 'layout' },
      { machine_id: 2, sent: true },
    ]);
    await send(member, {});
    await first.until(() => first.packets(USRLOC).length === 1);
    await second.until(() => second.packets(USRLOC).length === 2);
    expect(first.packets(USRLOC).map(({ type, version }) => [type, version])).toEqual([[AOR_DELETE, 5]]);
    expect(second.packets(USRLOC).map(({ type, version }) => [type, version])).toEqual([
      [AOR_INSERT, 3],
      [AOR_DELETE, 3],
    ]);
    const metrics = await (await fetch(`${member.service.httpUrl}/metrics`)).text();
    expect(metrics).toContain('clusterer_packets_sent_total{result="layout"} 1\n');
  });

  it('goes to the one machine that is named, if that is known and reached', async () => {
    const member = await fleetOf(91, 1, 2);
    await member.service.provision(1, 3, 'bin:127.0.91.3:9', { state: 'down' });
    await member.service.provision(1, 4, 'udp:127.0.91.4');
    expect((await send(member, { machine_id: 1 })).body).toEqual({ results: [{ machine_id: 1, sent: true }] });
    expect((await send(member, { machine_id: 3 })).body).toEqual({ results: [] });
    for (const id of [4, 5, MEMBER]) {
      const { status, body } = await send(member, { machine_id: id });
      expect([status, body.code]).toEqual([404, 'unknown_machine']);
    }
    const client = await connectClient(member.service.httpUrl);
    const packet = { clusterId: 1, module: 'ul', packetType: AOR_DELETE, payload: aorDelete('carol') };
    expect(await client.sendTo({ ...packet, machineId: 2 })).toEqual([{ machine_id: 2, sent: true }]);
    await member.machine(2).until(() => member.machine(2).packets(USRLOC).length === 1);
    expect(member.machine(1).packets(USRLOC)).toHaveLength(1);
  });

  it('may come as a binary frame, in which the service writes source, destination and cluster', async () => {
    const member = await fleetOf(92, 1);
    const socket = await member.service.socket(['clusterer.v1.bin']);
    const body = aorDelete('dave');
    const sent = await answerTo(socket, 701, packet24(USRLOC, AOR_DELETE, Buffer.concat([body, TRAILER]), 2));
    expect(sent.result).toEqual({ results: [{ machine_id: 1, sent: true }] });
    const machine = member.machine(1);
    await machine.until(() => machine.packets(USRLOC).length === 1);
    const expected = { clusterId: 1, origin: MEMBER, destination: 1, version: 2, type: AOR_DELETE, body };
    expect(machine.packets(USRLOC)[0]).toMatchObject(expected);
    const refused = await answerTo(socket, 702, packetBytes());
    expect(refused.error).toMatchObject({
      code: 400,
      data: { code: 'invalid_input', errors: [{ detail: expect.stringContaining('OpenSIPS 2.4') }] },
    });
  });

  it('cannot harm it, whatever a module sends', async () => {
    const member = await fleetOf(93, 1);
    const { service } = member;
    const socket = await service.socket(['clusterer.v1.bin']);
    const bodies: [object, string][] = [
      [{ module: 'clusterer-internal', packet_type: 5 }, 'module_reserved'],
      [{ module: 'clusterer-extra', packet_type: 11, payload: base64(Buffer.alloc(4)) }, 'module_reserved'],
      [{ module: 'clusterer', packet_type: 0 }, 'module_reserved'],
      [{ module: 'a b' }, 'invalid_input'],
      [{ module: 'load_balancer' }, 'invalid_input'],
      [{ payload: base64(Buffer.from('ffff', 'hex')) }, 'invalid_input'],
      [{ payload: '' }, 'invalid_input'],
      [{ module: 'dialog', packet_type: 1 }, 'invalid_input'],
      [{ module: 'mine', payload: base64(Buffer.alloc(65_515)) }, 'payload_too_long'],
    ];
    for (const [body, code] of bodies) {
      const answer = await send(member, body);
      expect([answer.status, answer.body.code]).toEqual([400, code]);
    }
    const frames = [
      packet24('clusterer-internal', 0, Buffer.from('0100000009000000', 'hex'), 1),
      packet24('clusterer-extra', 11, TRAILER, 3),
      packet24(USRLOC, AOR_DELETE, Buffer.concat([aorDelete('eve').subarray(0, -1), TRAILER])),
      packet24(USRLOC, AOR_DELETE, Buffer.alloc(2)),
      Buffer.concat([packet24(USRLOC, AOR_DELETE, TRAILER), Buffer.of(0)]),
    ];
    for (const [i, frame] of frames.entries()) {
      expect(await answerTo(socket, 701 + i, frame)).toHaveProperty('error');
    }
    await expect(socket.call('register_module', { ...REGISTER, module: 'clusterer-extra' })).rejects.toMatchObject({
      data: { code: 'module_reserved' },
    });
    await send(member, {});
    const machine = member.machine(1);
    await machine.until(() => machine.packets(USRLOC).length > 0);
    expect(machine.packets(USRLOC)).toHaveLength(1);
    expect(machine.packets('clusterer-extra')).toEqual([]);
    expect(machine.links.isUp(MEMBER)).toBe(true);
  });

  it('has no keepalives before it, which a registration asks for in 2.2', async () => {
    const member = await fleetOf(94, 1);
    const socket = await member.service.socket();
    await socket.call('register_module', { ...REGISTER, module: 'mine', keepalive_seconds: 0.05 });
    await send(member, { module: 'mine', packet_type: 5, payload: '' });
    const machine = member.machine(1);
    await machine.until(() => machine.packets('mine').length > 0);
    expect(machine.packets('mine').map(({ type }) => type)).toEqual([5]);
  });
});
