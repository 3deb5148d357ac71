import type { Module } from '../../../src/web/state/messages.js';
import { PacketRates } from '../../../src/web/state/packet-rates.js';
import { Rates, READINGS, rateWords } from '../../../src/web/state/rates.js';

describe('a rate', () => {
  it('is known from the second reading on', () => {
    const rates = new Rates();
    rates.read(1, 100, 1_000);
    rates.read(2, 7, 1_000);
    rates.read(1, 150, 3_000);
    expect([rates.latest(1), rates.latest(2), rates.latest(3)]).toEqual([[25], [], []]);
  });

  it('is unknown after the counter was reset', () => {
    const rates = new Rates();
    for (const [second, count] of [100, 105, 3].entries()) rates.read(1, count, second * 1_000);
    expect(rates.latest(1)).toEqual([]);
    rates.read(1, 4, 3_000);
    expect(rates.latest(1)).toEqual([1]);
  });

  it('is kept for ten minutes', () => {
    const rates = new Rates();
    for (let i = 0; i <= READINGS + 5; i++) rates.read(1, i * i, i * 1_000);
    expect(rates.latest(1)).toHaveLength(READINGS);
    expect(rates.latest(1).at(-1)).toBe(2 * (READINGS + 5) - 1);
  });

  it.each([
    [undefined, '–'],
    [0, '0/s'],
    [0.42, '0.4/s'],
    [9.97, '10/s'],
    [1_234, '1234/s'],
    [12_345, '12 k/s'],
  ])('of %s is %s', (rate, words) => {
    expect(rateWords(rate)).toBe(words);
  });
});

describe('the rates of registrations', () => {
  const reading = (number: number, packets: number) =>
    ({ number, packets, machines: [{ machine_id: 7, packets: packets / 2 }] }) as unknown as Module;

  it('are those of each registration and of each machine that it hears', () => {
    const rates = new PacketRates();
    for (const at of [1, 2]) rates.measured([reading(1, at * 10), reading(2, at * 40)], at * 1_000);
    expect([rates.of(1), rates.ofMachine(1, 7), rates.of(2), rates.ofMachine(2, 7)]).toEqual([[10], [5], [40], [20]]);
    expect([rates.ofMachine(1, 8), rates.of(3)]).toEqual([[], []]);
  });

  it('are forgotten when the registration ends, and after an interruption', () => {
    const rates = new PacketRates();
    for (const at of [1, 2]) rates.measured([reading(1, at * 10), reading(2, at * 40)], at * 1_000);
    rates.measured([reading(1, 30)], 3_000);
    expect([rates.of(1), rates.of(2)]).toEqual([[10, 10], []]);
    rates.interrupted();
    rates.measured([reading(1, 300)], 4_000);
    expect(rates.of(1)).toEqual([]);
  });
});
