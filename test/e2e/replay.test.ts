import { once } from 'node:events';
import type { Socket } from 'node:net';
import { systemClock } from '../../src/process/system-clock.js';
import { FakeClock } from '../support/engine/fake-clock.js';
import { endFleetAfterEach } from '../support/fleet/fleet.js';
import { linked, MEMBER, MEMBER_TIMES, startMember } from '../support/fleet/member.js';
import { AOR_DELETE, aorDelete, aorInsert, USRLOC } from '../support/fleet/payloads.js';
import { RecordingLog } from '../support/log/recording-log.js';
import { replayed, replayedFrom, type Shown } from '../support/log/replayed-service.js';
import { connectPeer, disconnectPeersAfterEach, packetBytes } from '../support/peers/bin-peer.js';
import type { SocketClient } from '../support/peers/socket-client.js';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';

stopServicesAfterEach();
disconnectPeersAfterEach();
endFleetAfterEach();

const UL = { module: 'ul', protocol: 'bin', timeout: 5, auth_check: true, cluster_id: 1 };

/** What passes with time, and is read when it is shown. */
const RELATIVE = new Set(['silent_for', 'seconds_until_enabling', 'last_heard', 'rtt_ms', 'drain_ends_in']);

function withoutTime(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, one) => (RELATIVE.has(key) ? undefined : one)));
}

/** The state, the registrations and the notifications of the service are those of the replay. */
async function expectSame(service: TestService, shown: Shown, sockets: ReadonlyMap<string, readonly SocketClient[]>) {
  const { nodes } = (await service.request('GET', '/nodes')).body;
  const { modules } = (await service.request('GET', '/modules')).body;
  expect(nodes.length).toBeGreaterThan(0);
  expect(withoutTime(shown.nodes)).toEqual(withoutTime(nodes));
  expect(withoutTime(shown.modules)).toEqual(withoutTime(modules));
  expect([...shown.notifications.keys()]).toEqual([...sockets.keys()]);
  for (const [id, clients] of sockets) {
    const sent = clients.flatMap(({ notifications }) =>
      notifications.filter(({ params }) => params.registration === id),
    );
    expect(sent.length).toBeGreaterThan(0);
    expect(shown.notifications.get(id)).toEqual(sent.map((one) => expect.objectContaining(one)));
  }
}

/** So does a replay that continues from a snapshot, but for the notifications before it. */
async function expectSameFromSnapshots(
  commands: RecordingLog,
  environment: Readonly<Record<string, string>>,
  sockets: ReadonlyMap<string, readonly SocketClient[]>,
): Promise<void> {
  const { length } = commands.entries;
  for (const index of [1, length >> 2, length >> 1, length - (length >> 2), length - 1]) {
    const { shown, digests } = await replayedFrom(index, commands, environment);
    expect(digests[0]).toBe(digests[1]);
    const whole = await replayed(commands, environment);
    expect({ nodes: shown.nodes, modules: shown.modules }).toEqual({ nodes: whole.nodes, modules: whole.modules });
    for (const id of sockets.keys()) {
      const kept = shown.notifications.get(id) ?? [];
      const all = whole.notifications.get(id) ?? [];
      expect(kept).toEqual(all.slice(all.length - kept.length));
    }
  }
}

const seqsOf = ({ notifications }: SocketClient, id: string) =>
  notifications.filter(({ params }) => params.registration === id).map(({ params }) => Number(params.seq));

async function packetsCame(client: SocketClient, id: string, seq: number): Promise<void> {
  await client.until((it) => seqsOf(it, id).includes(seq));
}

/** What a donor holds: no contact, then a user. */
const DATA = { [USRLOC]: { version: 3, chunks: [Buffer.concat([Buffer.alloc(4), aorInsert('carol')])] } };

function write(peer: Socket, count: number, module = 'ul'): void {
  peer.write(Buffer.concat(Array.from({ length: count }, (_, i) => packetBytes({ module, packetType: i }))));
}

describe('the entries of a run, applied to a new service', () => {
  it('give the same machines, registrations, notifications and seqs', async () => {
    const clock = new FakeClock();
    const commands = new RecordingLog(clock);
    const service = await startService({}, { clock, commands });
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    await service.provision(1, 3, 'bin:127.0.0.3:1', { failed_attempts: 2, duration: 60 });
    await service.provision(1, 4, 'bin:127.0.0.4:5555');
    await service.provision(2, 5, 'bin:127.0.0.5:5555');

    const first = await service.socket();
    const ul = await first.call('register_module', UL);
    const short = await first.call('register_module', { ...UL, module: 'dialog' });
    const peer = await connectPeer(service);
    write(peer, 3);
    await packetsCame(first, ul.registration, 3);
    await first.call('unregister_module', { registration: short.registration });

    for (let attempts = 0; attempts < 2; attempts++) {
      const { body } = await service.request('POST', '/clusters/1/packets', {
        module: 'ul',
        packet_type: 1,
        machine_id: 3,
      });
      expect(body.results[0]).toMatchObject({ sent: false });
      clock.advance(1_000);
    }
    clock.advance(4_000);
    await first.first('timeout');
    write(peer, 2);
    await first.first('temp_disabled');

    first.socket.terminate();
    await once(first.socket, 'close');
    const until = new Date(clock.now().unixMs + 3_600_000).toISOString();
    await service.request('PUT', '/clusters/1/machines/4/status', { status: 'down', reason: 'kernel', until });
    clock.advance(20_000);
    const second = await service.socket();
    const seq = Math.max(...seqsOf(first, ul.registration));
    const { epoch } = ul;
    const again = await second.call('register_module', {
      ...UL,
      resume: { registration: ul.registration, epoch, seq },
    });
    expect(again).toMatchObject({ resumed: true });
    write(peer, 4);
    await packetsCame(second, ul.registration, seq + 4);
    await service.request('PUT', '/clusters/2/machines/5/status', { status: 'down' });
    await service.request('POST', '/reload');
    await service.request('DELETE', '/clusters/2/machines/5');

    const sockets = new Map([[ul.registration, [first, second]]]);
    await expectSame(service, await replayed(commands), sockets);
    await expectSameFromSnapshots(commands, {}, sockets);
  });

  it('do so for a cluster of dialect 2.4 too, with its links and syncs', async () => {
    const commands = new RecordingLog(systemClock);
    const more = { CLUSTERER_SYNC_TIMEOUT_SECONDS: '1' };
    const environment = {
      CLUSTERER_DIALECT: '2.4',
      CLUSTERER_SERVER_ID: String(MEMBER),
      ...MEMBER_TIMES,
      ...more,
    };
    const machines = [1, 2].map((id) => ({ id, family: 'E' as const, capabilities: { [USRLOC]: true }, data: DATA }));
    const member = await startMember(120, machines, more, { commands });
    await linked(member);
    const socket = await member.service.socket();
    const { registration } = await socket.call('register_module', { ...UL, module: USRLOC, timeout: 0, sync: true });
    await socket.first('sync_ended');
    for (const name of ['alice', 'bob']) {
      member.machine(1).send(MEMBER, { capability: USRLOC, version: 3, type: AOR_DELETE, body: aorDelete(name) });
    }
    await socket.first('packet', 2);
    await member.service.request('PUT', '/clusters/1/machines/2/status', { status: 'down', reason: 'kernel' });
    await member.service.request('POST', '/reload');
    const sockets = new Map([[registration, [socket]]]);
    await expectSame(member.service, await replayed(commands, environment), sockets);
    await expectSameFromSnapshots(commands, environment, sockets);
  });
});
