import type { TagView } from '../../../src/schemas/tags.js';
import { tagBody } from '../../../src/web/dialogs/tag-dialogs.js';
import { badgesOf, badgeWords } from '../../../src/web/fleet/badges.js';
import { isSettledAt, tagStateWords, tagWishWords } from '../../../src/web/fleet/tag-words.js';
import { tagEventWords } from '../../../src/web/words/tag-event-words.js';

function tagOf(
  states: Readonly<Record<number, 'active' | 'backup' | 'unknown'>>,
  given: Partial<TagView> = {},
): TagView {
  const machines = Object.entries(states).map(([id, state]) => ({ machine_id: Number(id), state }));
  const wish = { owner: null, since: null, managed: false, fence: 0, failover: [], after_seconds: null };
  return { tag: 'vip', machines, ...wish, ...given };
}

const managedBy1 = { owner: 1, managed: true, fence: 4 };

describe('a badge', () => {
  it('is at the active machine only', () => {
    const badges = badgesOf([
      tagOf({ 1: 'active', 2: 'backup', 3: 'unknown' }),
      { ...tagOf({ 1: 'active' }), tag: 'b' },
    ]);
    expect([...badges.keys()]).toEqual([1]);
    expect(badges.get(1)?.map(badgeWords)).toEqual(['active for vip', 'active for b']);
  });

  it('says that several machines are active', () => {
    const badges = badgesOf([tagOf({ 1: 'active', 2: 'active' })]);
    expect([1, 2].map((id) => badges.get(id)?.map(badgeWords))).toEqual([
      ['active, like another machine, for vip'],
      ['active, like another machine, for vip'],
    ]);
  });

  it('is also at an owner that is not active yet', () => {
    const badges = badgesOf([tagOf({ 1: 'backup', 2: 'active' }, managedBy1)]);
    expect(badges.get(1)?.map(badgeWords)).toEqual(['to become active for vip']);
    expect(badges.get(2)?.map(badgeWords)).toEqual(['active for vip']);
    expect(badgesOf([tagOf({ 1: 'unknown' }, { owner: 1 })]).size).toBe(0);
  });
});

test.each([
  ['keeps its failover', [2, 3], 4, [2, 3]],
  ['keeps its owner before in the place of the new one', [2, 3], 2, [1, 3]],
  ['has no failover if it had none', [], 2, []],
])('a tag that moves %s', (_what, failover, owner, next) => {
  const tag = tagOf({ 1: 'active' }, { ...managedBy1, failover, after_seconds: 10 });
  expect(tagBody(tag, owner)).toEqual({ owner, failover: next, after_seconds: 10 });
  expect(tagBody(tagOf({ 1: 'active' }, { owner: 1 }), owner)).toEqual({ owner, failover: [] });
});

describe('the words of a tag', () => {
  test.each<[string, TagView, number, string]>([
    ['the active machine', tagOf({ 1: 'active', 2: 'backup' }), 1, 'active'],
    ['a backup', tagOf({ 1: 'active', 2: 'backup' }), 2, 'backup; active: 1'],
    ['one of two active machines', tagOf({ 1: 'active', 2: 'active' }), 2, 'active; also active: 1'],
    [
      'an owner that is not active',
      tagOf({ 1: 'backup', 2: 'active' }, managedBy1),
      1,
      'backup, to become active; active: 2',
    ],
    ['a machine that said nothing', tagOf({ 1: 'active' }), 3, 'unknown; active: 1'],
  ])('say what %s is', (_who, tag, machineId, words) => {
    expect(tagStateWords(tag, machineId)).toBe(words);
  });

  it('say what the service keeps so', () => {
    expect(tagWishWords(tagOf({ 1: 'active' }), 0)).toBe('');
    const since = new Date(2026, 0, 1, 12, 54, 7);
    const tag = tagOf({}, { ...managedBy1, since: since.toISOString(), failover: [2, 3], after_seconds: 10 });
    expect(tagWishWords(tag, since.getTime())).toBe(
      'managed since 12:54:07, fence 4; failover to 2, then 3 after 10 s',
    );
  });
});

describe('a change of a tag', () => {
  const event = { tag: 'vip', from: 1, managed: true };
  test.each([
    [{ ...event, reason: 'operator', by: 'alice' }, 'was given the tag vip, by alice'],
    [{ ...event, reason: 'operator', managed: false }, 'is no longer kept active for vip'],
    [{ ...event, reason: 'failover' }, 'took the tag vip over from machine 1'],
    [{ ...event, reason: 'demoted' }, 'was made backup for vip: it is not the owner'],
    [{ ...event, reason: 'lost' }, 'is out of reach, and may be active for vip'],
    [{ ...event, reason: 'announced' }, 'is active for vip'],
  ])('%j says of its machine that it %s', (change, words) => {
    expect(tagEventWords(change)).toBe(words);
  });
});

test.each<[string, TagView, boolean]>([
  ['the only active machine', tagOf({ 1: 'active', 2: 'backup' }), true],
  ['one of two active machines', tagOf({ 1: 'active', 2: 'active' }), false],
  ['a backup', tagOf({ 1: 'backup', 2: 'active' }), false],
  ['an owner that is active', tagOf({ 1: 'active' }, managedBy1), true],
  ['an active machine that is not the owner', tagOf({ 1: 'active' }, { ...managedBy1, owner: 2 }), false],
])('whether a tag can be moved to %s', (_who, tag, isSettled) => {
  expect(isSettledAt(tag, 1)).toBe(isSettled);
});
