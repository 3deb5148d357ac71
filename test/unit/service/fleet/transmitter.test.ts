import type { Target } from '../../../../src/domain/fleet/effects.js';
import { Transmitter } from '../../../../src/service/fleet/transmitter.js';
import type { SendTarget } from '../../../../src/service/ports/sender.js';
import { decodeExtra } from '../../../../src/wire/cluster/extra.js';
import type { Family } from '../../../../src/wire/cluster/family.js';
import { decodeInternal, encodeInternal } from '../../../../src/wire/cluster/internal.js';
import type { ClusterMessage } from '../../../../src/wire/cluster/messages.js';
import { FleetEngine, OWN_ID } from '../../../support/engine/fleet-engine.js';

const PING = { type: 'ping', clusterId: 1, origin: OWN_ID, wantsIds: true } as const;

/** Sends for machine 9, which knows machine 2 of cluster 1. */
function start() {
  const member = new FleetEngine();
  member.begin();
  const sent: { to: SendTarget; frame: Buffer }[] = [];
  const replied: { connection: number; frame: Buffer }[] = [];
  const errors: object[] = [];
  const quiet = () => undefined;
  const transmitter = new Transmitter(member.engine.table, OWN_ID, {
    sender: { send: (to, frame) => sent.push({ to, frame }), disconnect: quiet, close: async () => undefined },
    resolver: { resolve: async () => ({ ips: ['10.0.1.8'], fault: null }) },
    replies: { reply: (connection, frame) => replied.push({ connection, frame }) },
    log: { debug: quiet, info: quiet, warn: quiet, error: (fields) => errors.push(fields) },
  });
  const transmit = (to: Target, message: ClusterMessage = PING, family: Family | null = null) =>
    transmitter.perform({ type: 'transmit', clusterId: 1, to, message, family });
  return { member, transmitter, transmit, sent, replied, errors };
}

describe('a message', () => {
  it('to a machine goes to its address', () => {
    const { member, transmit, sent } = start();
    transmit({ machineId: 2 });
    const attempt = member.engine.table.cell(1, 2)?.generation;
    const address = { protocol: 'bin', host: '10.0.1.2', ip: '10.0.1.2', port: 5555 };
    expect(sent.map(({ to }) => to)).toEqual([{ clusterId: 1, machineId: 2, ...address, attempt }]);
    expect(sent.map(({ frame }) => decodeInternal(frame))).toEqual([PING]);
  });

  it('to a machine that is gone is not sent', () => {
    const { transmit, sent } = start();
    transmit({ machineId: 3 });
    expect(sent).toEqual([]);
  });

  it('that is a ping says what this ping says, whatever was sent before', () => {
    const { transmit, sent } = start();
    const pings = [true, false].map((wantsIds) => ({ ...PING, wantsIds }));
    const pongs = [[], [2, 3], []].map(
      (machineIds) => ({ type: 'pong', clusterId: 1, origin: OWN_ID, machineIds }) as const,
    );
    const elsewhere = { ...PING, clusterId: 7 };
    const messages = [...pings, ...pongs, elsewhere, ...pings];
    for (const message of messages) transmit({ machineId: 2 }, message);
    expect(sent.map(({ frame }) => decodeInternal(frame))).toEqual(messages);
  });

  it('that is the same for all machines is encoded once', () => {
    const { transmit, sent } = start();
    transmit({ machineId: 2 }, PING, 'C1');
    transmit({ machineId: 2 }, PING, 'E');
    expect(sent[1]?.frame).toBe(sent[0]?.frame);
  });

  it('to a connection goes back on it', () => {
    const { transmit, sent, replied } = start();
    const unknown = { type: 'unknown_id', clusterId: 1, origin: OWN_ID } as const;
    transmit({ connection: 5 }, unknown);
    expect(sent).toEqual([]);
    expect(replied.map(({ connection, frame }) => [connection, decodeInternal(frame)])).toEqual([[5, unknown]]);
  });

  it('to a url has a connection of that url, which is no machine', () => {
    const { transmit, sent } = start();
    for (const url of ['bin:10.0.1.5:5566', 'bins:[::1]:5567', 'bin:10.0.1.5:5566']) transmit({ url });
    const [one, two, again] = sent.map(({ to }) => to);
    expect(one).toMatchObject({ clusterId: 1, protocol: 'bin', host: '10.0.1.5', port: 5566, ip: '10.0.1.5' });
    expect(two).toMatchObject({ protocol: 'bins', host: '::1', port: 5567 });
    expect(again).toEqual(one);
    expect(one?.machineId).toBeLessThan(0);
    expect(two?.machineId).toBeLessThan(0);
    expect(two?.machineId).not.toBe(one?.machineId);
  });

  it('to a url with a host name goes to the address of the host', async () => {
    const { transmit, sent } = start();
    transmit({ url: 'bin:eight.example:5566' });
    await Promise.resolve();
    expect(sent.map(({ to }) => to)).toMatchObject([{ host: 'eight.example', port: 5566, ip: '10.0.1.8' }]);
  });

  it.each<[Family, number | null]>([
    ['C2', null],
    ['E', 3],
  ])('is written in family %s', (family, chunks) => {
    const { transmit, sent } = start();
    const route = { clusterId: 1, origin: OWN_ID, destination: 2 };
    transmit({ machineId: 2 }, { type: 'sync_end', ...route, capability: 'dialog-dlg-repl', chunks }, family);
    expect(sent.map(({ frame }) => decodeExtra(frame, family))).toMatchObject([{ type: 'sync_end', chunks }]);
  });

  it.each<[string, ClusterMessage]>([
    ['harms its receiver', { type: 'remove_node', clusterId: 1, origin: OWN_ID, destination: 2, machineId: 2 }],
    ['does not fit into a packet', { ...PING, origin: 2 ** 40 }],
  ])('that %s is not sent, and the log says so', (_, message) => {
    const { transmit, sent, errors } = start();
    transmit({ machineId: 2 }, message, 'E');
    expect(sent).toEqual([]);
    expect(errors).toMatchObject([{ cluster_id: 1, message: message.type, family: 'E', reason: expect.any(String) }]);
  });
});

describe('a frame of another machine', () => {
  it('is flooded on with the own id in its path', () => {
    const { transmitter, sent } = start();
    const update = {
      type: 'link_update',
      clusterId: 1,
      origin: 3,
      sequence: { seq: 1, timestamp: 1 },
      neighbour: 4,
      isUp: true,
      path: [3],
    } as const;
    const frame = encodeInternal(update, 'E') as Buffer;
    transmitter.perform({ type: 'relay', clusterId: 1, to: [2, 8], frame });
    expect(sent.map(({ to, frame }) => [to.machineId, decodeInternal(frame)])).toEqual([
      [2, { ...update, path: [3, OWN_ID] }],
    ]);
  });

  it('is forwarded byte for byte, in memory of its own', () => {
    const { transmitter, sent } = start();
    const frames = ['any ', 'bytes'].map((text) => Buffer.from(text));
    transmitter.perform({ type: 'forward', clusterId: 1, to: 2, frames });
    for (const frame of frames) frame.fill(0);
    expect(sent.map(({ to, frame }) => [to.machineId, frame.toString()])).toEqual([[2, 'any bytes']]);
  });
});
