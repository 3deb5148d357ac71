import { Activity } from '../../../src/web/panels/activity.js';
import type { Entry } from '../../../src/web/panels/activity-entry.js';
import { linesOf } from '../../../src/web/panels/activity-lines.js';

function entry(at: number, machine: number, predicate = 'was added', clusterId = 1): Entry {
  const text = `Machine ${machine} of cluster ${clusterId} ${predicate}`;
  return { at, text, about: { key: `${clusterId}/${machine}`, clusterId, predicate }, kind: 'other', silence: false };
}

function silent(at: number, machine: number, predicate = 'is silent for ul', clusterId = 1): Entry {
  return { ...entry(at, machine, predicate, clusterId), silence: true };
}

const several = (count: number, at = 0) => Array.from({ length: count }, (_, i) => entry(at - i, i + 1));

const textsOf = (lines: readonly { readonly text: string }[]) => lines.map(({ text }) => text);

describe('the lines of the activity list', () => {
  it('have one line per entry while there are few', () => {
    expect(textsOf(linesOf(several(3)))).toEqual([1, 2, 3].map((id) => `Machine ${id} of cluster 1 was added`));
  });

  it('group many similar entries of the same time', () => {
    const [line, ...others] = linesOf(several(100));
    expect(others).toEqual([]);
    expect(line).toMatchObject({ text: '100 machines of cluster 1 were added', at: 0, key: null });
  });

  it('do not group entries of another kind, of another cluster, or of a later time', () => {
    const other = entry(-10, 1, 'was removed');
    const texts = textsOf(linesOf([...several(4), other, ...several(4, -100), ...several(4, -5_000)]));
    const line = '4 machines of cluster 1 were added';
    expect(texts).toEqual([line, 'Machine 1 of cluster 1 was removed', line, line]);
  });

  it('count each machine once', () => {
    const twice = several(5).flatMap((one) => [one, one]);
    expect(textsOf(linesOf(twice))).toEqual(['5 machines of cluster 1 were added']);
    expect(textsOf(linesOf(Array.from({ length: 5 }, () => entry(0, 7))))).toEqual([
      'Machine 7 of cluster 1 was added',
    ]);
  });
});

describe('activity', () => {
  it('is bounded, newest first', () => {
    const activity = new Activity();
    for (let i = 0; i < 2_000; i++) activity.add(entry(5_000 * i, i % 2));
    expect(activity.lines.length).toBe(100);
    expect(activity.of('1/1').length).toBe(250);
    expect(activity.of('1/1')[0]?.at).toBe(5_000 * 1_999);
  });

  it('has each event once: the history replaces live entries', () => {
    const activity = new Activity();
    activity.add(entry(5, 1));
    activity.add(silent(6, 1));
    activity.begin([entry(5, 1), entry(4, 1)]);
    expect(activity.of('1/1').map(({ at }) => at)).toEqual([6, 5, 4]);
  });
});

describe('silence', () => {
  const AGAIN = 'is no longer ignored by ul';

  it('does not push out other entries, however many machines are silent', () => {
    const activity = new Activity();
    activity.add(entry(0, 7, 'is down: set by alice'));
    for (let at = 0; at < 600_000; at += 3_000) {
      for (let id = 1; id <= 200; id++) activity.add(silent(at + id, id));
      for (let id = 1; id <= 200; id++) activity.add(silent(at + 1_000 + id, id, AGAIN));
    }
    const texts = textsOf(activity.lines);
    expect(texts).toContain('Machine 7 of cluster 1 is down: set by alice');
    expect(texts.length).toBeLessThan(50);
    expect(texts).toContain('200 machines of cluster 1 are silent for ul');
    expect(activity.of('1/7').map(({ text }) => text)).toContain('Machine 7 of cluster 1 is down: set by alice');
  });

  it('counts a machine once for several registrations of a module', () => {
    const activity = new Activity();
    for (let id = 1; id <= 200; id++) for (let twice = 0; twice < 2; twice++) activity.add(silent(id, id));
    expect(textsOf(activity.lines)).toEqual(['200 machines of cluster 1 are silent for ul']);
    expect(activity.of('1/3').length).toBe(1);
  });

  it('has one line per machine while there are few, once for both registrations', () => {
    const activity = new Activity();
    for (const id of [1, 2, 1, 2]) activity.add(silent(id, id));
    expect(activity.lines.map(({ text, key }) => [text, key])).toEqual([
      ['Machine 2 of cluster 1 is silent for ul', '1/2'],
      ['Machine 1 of cluster 1 is silent for ul', '1/1'],
    ]);
  });

  it('keeps the place of its first entry while machines fall silent and are accepted again', () => {
    const activity = new Activity();
    for (let id = 1; id <= 100; id++) {
      activity.add(silent(id * 10, id));
      activity.add(silent(id * 10 + 1, id, AGAIN));
    }
    expect(activity.lines.map(({ text, at }) => [text, at])).toEqual([
      ['100 machines of cluster 1 are no longer ignored by ul', 11],
      ['100 machines of cluster 1 are silent for ul', 10],
    ]);
  });

  it('starts a new line after a pause, for another module, in another cluster, and after a minute', () => {
    const activity = new Activity();
    activity.add(silent(0, 1));
    activity.add(silent(1, 1, 'is silent for dialog'));
    activity.add(silent(2, 1, 'is silent for ul', 2));
    activity.add(silent(5_000, 1));
    expect(activity.lines.length).toBe(4);
    for (let at = 5_000; at <= 70_000; at += 1_000) activity.add(silent(at, 1));
    expect(activity.lines.length).toBe(5);
  });
});
