import {
  type ModuleMachine,
  receptionCounts,
  receptionDetails,
  receptionWords,
} from '../../../src/web/words/reception-words.js';

function heard(given: Partial<ModuleMachine>): ModuleMachine {
  return { machine_id: 2, reception: 'receiving', silent_for: 3, seconds_until_enabling: 0, packets: 0, ...given };
}

const disabled = { reception: 'disabled', seconds_until_enabling: 4 } as const;

it.each<[Partial<ModuleMachine>, string, string]>([
  [{}, 'never heard', 'never heard'],
  [disabled, 'never heard', 'never heard, accepted again in 4 s'],
  [{ packets: 1 }, 'receiving', 'receiving, quiet for 3 s, 1 packet in total'],
  [{ packets: 12, ...disabled }, 'silent, accepted again in 4 s', 'silent, accepted again in 4 s, 12 packets in total'],
])('describes only what is known of a machine: %#', (given, short, long) => {
  expect([receptionWords(heard(given)), receptionDetails(heard(given))]).toEqual([short, long]);
});

it('counts machines that never sent a packet separately', () => {
  const machines = [heard({}), heard(disabled), heard({ packets: 1 }), heard({ packets: 1, ...disabled })];
  expect(receptionCounts(machines)).toEqual(['1 receiving', '1 silent', '2 never heard']);
  expect(receptionCounts([])).toEqual(['0 receiving']);
});
