import { Registration } from '../../../../src/domain/reception.js';
import { PacketCounts } from '../../../../src/service/events/packet-counts.js';

function registration(module: string, packets: number): Registration {
  const request = { module, protocol: 'bin', clusterId: 1, timeoutMs: 0, authCheck: false };
  return Object.assign(new Registration(1, request), { packets });
}

function delivered(counts: PacketCounts, inForce: readonly Registration[]): Map<string, number> {
  const samples = [...counts.all(inForce)].filter(({ result }) => result === 'delivered');
  return new Map(samples.map(({ module, count }) => [module, count]));
}

test('modules after the first thousand are counted as other, and no module changes its name or loses a packet', () => {
  const counts = new PacketCounts();
  const all = Array.from({ length: 1_003 }, (_, i) => registration(`m${i}`, 1));
  for (const one of all) counts.began(one);
  const inForce = delivered(counts, all);
  expect(inForce.size).toBe(1_001);
  expect([inForce.get('m999'), inForce.get('m1000'), inForce.get('other')]).toEqual([1, undefined, 3]);
  for (const one of all) counts.ended(one);
  expect(delivered(counts, [])).toEqual(inForce);
});
