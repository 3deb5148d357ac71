import { entryOf } from '../../../src/web/panels/activity-entry.js';
import type { Change } from '../../../src/web/state/messages.js';

const OF_MACHINE = { seq: 7, cluster_id: 1, machine_id: 2 };

describe('the activity entry of a change in a fleet', () => {
  it('is none for what the machine itself shows', () => {
    const shown: Change[] = [
      { method: 'link', params: { ...OF_MACHINE, from: 'down', to: 'probing' } },
      { method: 'capability', params: { ...OF_MACHINE, name: 'a', from: null, to: 'synced' } },
      { method: 'topology', params: { ...OF_MACHINE, neighbours: [3] } },
    ];
    expect(shown.map((change) => entryOf(change, 0))).toEqual([null, null, null]);
  });

  it('of a message belongs to its machine', () => {
    const params = { ...OF_MACHINE, reply: false, tag: 'a', message: 'hello' };
    expect(entryOf({ method: 'message', params }, 5)).toMatchObject({
      at: 5,
      text: 'Machine 2 of cluster 1 sent “hello” (tag a)',
      about: { key: '1/2', predicate: 'sent “hello” (tag a)' },
    });
    expect(entryOf({ method: 'message', params: { ...params, reply: true, tag: '' } }, 5)?.text).toBe(
      'Machine 2 of cluster 1 replied “hello”',
    );
  });
});
