import { Deadlines, type Timed } from '../../../src/domain/deadlines.js';

const NEVER = Number.POSITIVE_INFINITY;

interface Item extends Timed {
  readonly name: string;
}

function item(name: string): Item {
  return { name, dueAt: 0, slot: -1 };
}

/** Removes everything, earliest first. */
function drain(deadlines: Deadlines<Item>): string[] {
  const names: string[] = [];
  for (let first = deadlines.peek(); first !== undefined; first = deadlines.peek()) {
    names.push(`${first.name}@${first.dueAt}`);
    deadlines.clear(first);
  }
  return names;
}

describe('deadlines', () => {
  it('come out earliest first, whatever the order they were added in', () => {
    const deadlines = new Deadlines<Item>();
    for (const dueAt of [50, 20, 90, 10, 70, 30, 60, 40, 80, 20]) deadlines.set(item('a'), dueAt);
    expect(deadlines.size).toBe(10);
    expect(drain(deadlines)).toEqual(['a@10', 'a@20', 'a@20', 'a@30', 'a@40', 'a@50', 'a@60', 'a@70', 'a@80', 'a@90']);
    expect(deadlines.size).toBe(0);
  });

  it('move to an earlier and to a later place', () => {
    const deadlines = new Deadlines<Item>();
    const [a, b, c] = [item('a'), item('b'), item('c')];
    deadlines.set(a, 10);
    deadlines.set(b, 20);
    deadlines.set(c, 30);
    deadlines.set(c, 5);
    deadlines.set(a, 25);
    deadlines.set(b, 20);
    expect(drain(deadlines)).toEqual(['c@5', 'b@20', 'a@25']);
  });

  it('leave from the middle, and the item that replaces them may have to rise', () => {
    const deadlines = new Deadlines<Item>();
    // 101 is below 100. The last item, 8, replaces it and is earlier than both.
    const items = [1, 100, 2, 101, 102, 3, 4, 103, 104, 105, 106, 5, 6, 7, 8].map((dueAt) => {
      const it = item('a');
      deadlines.set(it, dueAt);
      return it;
    });
    const left = items.filter((it) => it.dueAt === 101);
    for (const it of left) deadlines.clear(it);
    const due = [1, 2, 3, 4, 5, 6, 7, 8, 100, 102, 103, 104, 105, 106];
    expect(drain(deadlines)).toEqual(due.map((dueAt) => `a@${dueAt}`));
  });

  it('are never reached at Infinity: it removes the item', () => {
    const deadlines = new Deadlines<Item>();
    const a = item('a');
    deadlines.set(a, NEVER);
    expect(deadlines.size).toBe(0);
    deadlines.set(a, 10);
    deadlines.set(a, NEVER);
    expect(deadlines.peek()).toBeUndefined();
    expect(a).toEqual({ name: 'a', dueAt: 0, slot: -1 });
  });

  it('may be cleared twice', () => {
    const deadlines = new Deadlines<Item>();
    const a = item('a');
    deadlines.set(a, 10);
    deadlines.clear(a);
    deadlines.clear(a);
    expect(deadlines.size).toBe(0);
  });
});
