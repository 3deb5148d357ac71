import type { Machine } from '../../../src/web/state/messages.js';
import { fleetFacts, linkWords } from '../../../src/web/words/link-words.js';
import { limitOf, returnWords, why } from '../../../src/web/words/words.js';

const OF_22: Machine = {
  clusterer_id: 1,
  cluster_id: 1,
  machine_id: 2,
  protocol: 'bin',
  url: 'bin:127.0.0.2:5555',
  address: '127.0.0.2:5555',
  state: 'up',
  description: null,
  no_tries: 0,
  failed_attempts: 3,
  duration: 30,
  last_attempt: 0,
  seconds_until_enabling: 0,
  disabled_for: [],
};
const OF_24: Machine = { ...OF_22, dialect: '2.4', link: 'up', next_hop: 2, releases: null, capabilities: [] };
const DISABLED: Machine = { ...OF_24, state: 'temp_disabled', link: 'down', next_hop: null, no_tries: 3 };

describe('the words of a link', () => {
  test.each<[string, Machine, string]>([
    ['a machine of 2.2', OF_22, ''],
    ['a link as the state says', OF_24, ''],
    ['a probe', { ...OF_24, link: 'probing', next_hop: null }, 'waiting for its answer'],
    ['a machine that nobody reaches yet', { ...OF_24, link: 'down', next_hop: null }, 'no link'],
    ['a way over another machine', { ...OF_24, link: 'probing', next_hop: 3 }, 'reached through machine 3'],
    ['a disabled machine on such a way', { ...DISABLED, next_hop: 3 }, 'reached through machine 3'],
    ['a disabled machine', DISABLED, ''],
    ['a machine that is set down', { ...OF_24, state: 'down', link: 'down', next_hop: null }, ''],
  ])('tell of %s only what the state does not', (_what, machine, words) => {
    expect(linkWords(machine)).toBe(words);
  });

  it('say why a machine is disabled, and when it is asked again', () => {
    const unknown = { cause: null, by: null };
    expect(why(DISABLED, unknown)).toBe('3 pings in a row stayed unanswered');
    expect(why(DISABLED, { cause: 'ping_failed', by: null })).toBe('3 pings in a row stayed unanswered');
    expect(why({ ...DISABLED, no_tries: 1 }, unknown)).toBe('a ping stayed unanswered');
    expect(why(OF_24, { cause: 'link_up', by: null })).toBe('it answers again');
    expect(returnWords({ ...DISABLED, seconds_until_enabling: 40 }, 0, 1_000)).toBe('asked again in 39 s');
  });

  it('give a machine that is pinged a limit of at least 1', () => {
    expect([OF_22, OF_24].map((machine) => limitOf({ ...machine, failed_attempts: 0 }))).toEqual([null, 1]);
    expect(limitOf(OF_24)).toBe(3);
  });

  it('are the facts of the sheet, of fleets only', () => {
    expect(fleetFacts(OF_22)).toEqual([]);
    const capabilities: Machine['capabilities'] = [
      { name: 'a', state: 'synced' },
      { name: 'b', state: 'not_synced' },
    ];
    expect(fleetFacts({ ...OF_24, releases: '3.3-4.0', capabilities })).toEqual([
      ['Link', 'up'],
      ['Reached', 'directly'],
      ['OpenSIPS', '3.3-4.0'],
      ['Capabilities', 'a, b (not synced)'],
    ]);
    expect(fleetFacts(DISABLED)).toContainEqual(['Reached', 'by nobody']);
    expect(fleetFacts({ ...DISABLED, next_hop: 3 })).toContainEqual(['Reached', 'through machine 3']);
  });
});
