import { KeptLists } from '../../../src/http/answers/list-cache.js';

/** How many of so many lists are kept in the end, the last one among them. */
function kept(count: number, name: (number: number) => string, text: string): number {
  const lists = new KeptLists();
  const names = Array.from({ length: count }, (_, number) => name(number));
  for (const one of names) {
    lists.find(one, 1);
    lists.add(one, text, true);
  }
  expect(lists.find(name(count - 1), 1)).toBeDefined();
  return names.filter((one) => lists.find(one, 1) !== undefined).length;
}

describe('the lists that are kept', () => {
  it('take no more than 16 MiB, names and all', () => {
    const long = 'x'.repeat(15_000);
    expect(kept(1_000, String, 'short')).toBe(1_000);
    expect(kept(2_000, String, long)).toBeLessThanOrEqual(2 ** 24 / 15_000);
    expect(kept(2_000, (number) => `${number}${long}`, 'short')).toBeLessThanOrEqual(2 ** 24 / 15_000);
  });

  it('are text as long as they are short, and else bytes', () => {
    const lists = new KeptLists();
    const [short, long] = ['s', 'l'.repeat(10_000)].map((text) => lists.add(text, text, true).body);
    expect([short, long]).toEqual(['s', Buffer.from('l'.repeat(10_000))]);
  });
});
