import { ListCache, listOf } from '../../../src/http/answers/list-cache.js';

/** Adds `count` lists, the last of which must be found afterwards. @returns how many of them are still cached */
function cached(count: number, key: (number: number) => string, text: string): number {
  const lists = new ListCache();
  const keys = Array.from({ length: count }, (_, number) => key(number));
  for (const one of keys) {
    lists.find(one, 1);
    lists.add(one, listOf(text));
  }
  expect(lists.find(key(count - 1), 1)).toBeDefined();
  return keys.filter((one) => lists.find(one, 1) !== undefined).length;
}

describe('the list cache', () => {
  it('takes at most 16 MiB, keys included', () => {
    const long = 'x'.repeat(15_000);
    expect(cached(1_000, String, 'short')).toBe(1_000);
    expect(cached(2_000, String, long)).toBeLessThanOrEqual(2 ** 24 / 15_000);
    expect(cached(2_000, (number) => `${number}${long}`, 'short')).toBeLessThanOrEqual(2 ** 24 / 15_000);
  });

  it('drops all lists when machines have changed', () => {
    const lists = new ListCache();
    lists.find('a', 1);
    lists.add('a', listOf('text'));
    expect(lists.find('a', 1)).toEqual(listOf('text'));
    expect(lists.find('a', 2)).toBeUndefined();
    expect(lists.find('a', 1)).toBeUndefined();
  });
});
