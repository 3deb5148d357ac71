import { Engine } from '../../../src/domain/engine.js';
import { advanced, effectsOf, effectTexts } from '../../support/engine/apply.js';
import { loadedMachine, receivedRun } from '../../support/tables/rows.js';

const at = (monotonicMs: number) => ({ monotonicMs, unixMs: 1_000_000_000 + monotonicMs });

/** An engine with machine 2 of cluster 1, and since 0 the registration 1 of the module `ul`. */
function engineWithRegistration(given: { timeoutMs?: number; authCheck?: boolean; clusterId?: number } = {}): Engine {
  const { timeoutMs = 3000, authCheck = false, clusterId = 1 } = given;
  const engine = new Engine(0);
  engine.apply({ type: 'load', machines: [loadedMachine()], keepChanged: false }, at(0), []);
  const request = { module: 'ul', protocol: 'bin', clusterId, timeoutMs, authCheck };
  engine.apply({ type: 'register', number: 1, request }, at(0), []);
  return engine;
}

describe('a packet', () => {
  test.each([
    { shows: 'is delivered', atMs: 3000, texts: ['notify #1 packet ul bin machine=2 source=10.0.1.2'] },
    {
      shows: 'finds the machine silent a millisecond later',
      atMs: 3001,
      texts: [
        'reception #1 1/2 receiving -> disabled',
        'notify #1 timeout 1/2 silent_for=3001',
        'notify #1 temp_disabled 1/2 dropped=1 remaining=6000',
      ],
    },
    {
      shows: 'finds the disabled period over at its very end',
      atMs: 9001,
      texts: [
        'reception #1 1/2 receiving -> disabled',
        'notify #1 timeout 1/2 silent_for=3001',
        'reception #1 1/2 disabled -> receiving',
        'notify #1 up 1/2',
        'notify #1 packet ul bin machine=2 source=10.0.1.2',
      ],
    },
  ])('$shows at $atMs', ({ atMs, texts }) => {
    const command = { type: 'receive', run: receivedRun() } as const;
    expect(effectTexts(engineWithRegistration(), command, at(atMs))).toEqual(texts);
  });

  it('that waited in a socket while nothing could be received does not find its machine silent', () => {
    const engine = engineWithRegistration();
    engine.apply({ type: 'interruption', ms: 60_000 }, at(60_500), []);
    const command = { type: 'receive', run: receivedRun() } as const;
    expect(effectTexts(engine, command, at(60_500))).toEqual(['notify #1 packet ul bin machine=2 source=10.0.1.2']);
    const silentAt = 60_500 + 3_001;
    expect(advanced(engine, at(silentAt - 1))).toEqual([]);
    engine.apply({ type: 'interruption', ms: 1_000 }, at(silentAt), []);
    expect([advanced(engine, at(silentAt + 999)), engine.nextDeadline]).toEqual([[], silentAt + 1_000]);
    expect(advanced(engine, at(silentAt + 1_000))).toHaveLength(2);
  });

  test.each([
    { packet: { module: 'rl' }, text: 'unclaimed rl bin machine=2 source=10.0.1.2' },
    { packet: { protocol: 'udp' }, text: 'unclaimed ul udp machine=2 source=10.0.1.2' },
    { packet: { ip: '10.9.9.9' }, text: 'unknown_source #1 ul bin machine=2 source=10.9.9.9 (ip)' },
    { packet: { machineId: 9 }, text: 'unknown_source #1 ul bin machine=9 source=10.0.1.2 (machine_id)' },
    { packet: {}, text: 'notify #1 packet ul bin machine=2 source=10.0.1.2' },
  ])('of $packet with auth_check: $text', ({ packet, text }) => {
    const engine = engineWithRegistration({ authCheck: true });
    const command = { type: 'receive', run: receivedRun(packet) } as const;
    expect(effectTexts(engine, command, at(1))).toEqual([text]);
  });

  it('that stands for several counts as several', () => {
    const engine = engineWithRegistration();
    const three = receivedRun({ count: 3 });
    engine.apply({ type: 'receive', run: three }, at(1), []);
    const registration = engine.receiveSide.registration(1);
    expect(registration?.packets).toBe(3);
    expect([...(registration?.receptions ?? [])].map(({ packets }) => packets)).toEqual([3]);
    const dropped = effectTexts(engine, { type: 'receive', run: three }, at(4000));
    expect(dropped.filter((text) => text.includes('temp_disabled'))).toEqual(
      [1, 2, 3].map((count) => `notify #1 temp_disabled 1/2 dropped=${count} remaining=${3002 + 6000 - 4000}`),
    );
    expect(registration?.dropped).toBe(3);
  });

  it('is delivered with the wall clock of its arrival, and not copied', () => {
    const run = receivedRun();
    const [effect] = effectsOf(engineWithRegistration(), { type: 'receive', run }, at(7));
    expect(effect).toMatchObject({ type: 'notify', notification: { type: 'packets', receivedAt: 1_000_000_007 } });
    expect(effect?.type === 'notify' && effect.notification.type === 'packets' && effect.notification.run).toBe(run);
  });

  it('moves no deadline: one that fires too early is set again', () => {
    const engine = engineWithRegistration();
    engine.apply({ type: 'receive', run: receivedRun() }, at(2000), []);
    expect(engine.nextDeadline).toBe(3001);
    expect(advanced(engine, at(3001))).toEqual([]);
    expect(engine.nextDeadline).toBe(5001);
  });
});

describe('a registration', () => {
  test.each([
    { given: { timeoutMs: 0 }, machines: [2], nextDeadline: Number.POSITIVE_INFINITY },
    { given: { clusterId: 0 }, machines: [], nextDeadline: Number.POSITIVE_INFINITY },
    { given: { clusterId: 7 }, machines: [], nextDeadline: Number.POSITIVE_INFINITY },
    { given: { timeoutMs: 50 }, machines: [2], nextDeadline: 51 },
  ])('of $given has its next deadline at $nextDeadline', ({ given, machines, nextDeadline }) => {
    const engine = engineWithRegistration(given);
    const receptions = [...(engine.receiveSide.registration(1)?.receptions ?? [])];
    expect(receptions.map(({ cell }) => cell.machine.machineId)).toEqual(machines);
    expect(engine.nextDeadline).toBe(nextDeadline);
  });

  it('leaves nothing behind when it ends', () => {
    const engine = engineWithRegistration();
    advanced(engine, at(3001));
    expect(engine.table.cell(1, 2)?.silentFor?.size).toBe(1);
    engine.apply({ type: 'unregister', number: 1 }, at(4000), []);
    expect(engine.table.cell(1, 2)?.silentFor).toBeNull();
    expect(engine.nextDeadline).toBe(Number.POSITIVE_INFINITY);
    expect([...engine.receiveSide.registrations]).toEqual([]);
  });
});
