import { type Heard, heardWords, receptionCounts, receptionWords } from '../../../src/web/words/reception-words.js';

function heard(given: Partial<Heard>): Heard {
  return { machine_id: 2, reception: 'receiving', silent_for: 3, seconds_until_enabling: 0, packets: 0, ...given };
}

const disabled = { reception: 'disabled', seconds_until_enabling: 4 } as const;

it.each<[Partial<Heard>, string, string]>([
  [{}, 'never heard', 'never heard'],
  [disabled, 'never heard', 'never heard, listening again in 4 s'],
  [{ packets: 1 }, 'receiving', 'receiving, quiet for 3 s, 1 packet in all'],
  [{ packets: 12, ...disabled }, 'silent, listening again in 4 s', 'silent, listening again in 4 s, 12 packets in all'],
])('says of a machine only what is known of it: %#', (given, short, long) => {
  expect([receptionWords(heard(given)), heardWords(heard(given))]).toEqual([short, long]);
});

it('counts machines that never sent anything apart', () => {
  const machines = [heard({}), heard(disabled), heard({ packets: 1 }), heard({ packets: 1, ...disabled })];
  expect(receptionCounts(machines)).toEqual(['1 receiving', '1 silent', '2 never heard']);
  expect(receptionCounts([])).toEqual(['0 receiving']);
});
