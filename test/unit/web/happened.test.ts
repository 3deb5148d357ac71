import { type Entry, Happened, linesOf } from '../../../src/web/happened.js';

function entry(at: number, machine: number, predicate = 'is silent for ul', clusterId = 1): Entry {
  const text = `Machine ${machine} of cluster ${clusterId} ${predicate}`;
  return { at, text, about: { key: `${clusterId}/${machine}`, clusterId, predicate }, kind: 'other', recorded: false };
}

const several = (count: number, at = 0) => Array.from({ length: count }, (_, i) => entry(at - i, i + 1));

describe('lines of what happened', () => {
  it('are one for each entry, as long as there are few', () => {
    expect(linesOf(several(3)).map(({ text }) => text)).toEqual(
      [1, 2, 3].map((id) => `Machine ${id} of cluster 1 is silent for ul`),
    );
  });

  it('are one for many of a kind that came together', () => {
    const [line, ...others] = linesOf(several(100));
    expect(others).toEqual([]);
    expect(line).toMatchObject({ text: '100 machines of cluster 1 are silent for ul', at: 0, key: null });
  });

  it('keep apart what is of another kind, of another cluster, or later', () => {
    const other = entry(-10, 1, 'was added');
    const texts = linesOf([...several(4), other, ...several(4, -100), ...several(4, -5_000)]).map(({ text }) => text);
    const line = '4 machines of cluster 1 are silent for ul';
    expect(texts).toEqual([line, 'Machine 1 of cluster 1 was added', line, line]);
  });
});

describe('what happened', () => {
  it('is bounded, newest first', () => {
    const happened = new Happened();
    for (let i = 0; i < 2_000; i++) happened.add(entry(i, i));
    expect(happened.newest.length).toBe(500);
    expect(happened.newest[0]?.at).toBe(1_999);
  });

  it('is told once: what the history has stands for what was told', () => {
    const happened = new Happened();
    happened.add({ ...entry(5, 1), recorded: true });
    happened.add(entry(6, 2));
    happened.begin([entry(5, 1), entry(4, 1)]);
    expect(happened.newest.map(({ at }) => at)).toEqual([6, 5, 4]);
    expect(happened.of('1/1').map(({ at }) => at)).toEqual([5, 4]);
  });
});
