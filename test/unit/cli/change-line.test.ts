import { changeLine } from '../../../src/cli/change-line.js';
import type { ChangeEvent } from '../../../src/client/events.js';

const OF_MACHINE = { seq: 7, cluster_id: 1, machine_id: 2 };

const TAG = {
  ...OF_MACHINE,
  tag: 'vip',
  machines: [{ machine_id: 3, state: 'active' as const }],
  since: null,
  fence: 0,
  failover: [],
  after_seconds: null,
};

test.each<[ChangeEvent, string]>([
  [{ method: 'link', params: { ...OF_MACHINE, from: 'up', to: 'probing' } }, '1/2  link up -> probing'],
  [
    { method: 'capability', params: { ...OF_MACHINE, name: 'dialog-dlg-repl', from: null, to: 'not_synced' } },
    '1/2  capability dialog-dlg-repl  unknown -> not_synced',
  ],
  [{ method: 'topology', params: { ...OF_MACHINE, neighbours: [3, 9] } }, '1/2  links to  3, 9'],
  [{ method: 'topology', params: { ...OF_MACHINE, neighbours: [] } }, '1/2  links to  none'],
  [
    { method: 'message', params: { ...OF_MACHINE, reply: false, tag: 't', message: 'two\nlines' } },
    '1/2  message  "two\\nlines", tag "t"',
  ],
  [{ method: 'message', params: { ...OF_MACHINE, reply: true, tag: '', message: 'ok' } }, '1/2  reply  "ok", tag ""'],
  [
    { method: 'tag', params: { ...TAG, from: 2, owner: 3, reason: 'failover', managed: true, fence: 5 } },
    'cluster 1  tag vip  2 -> 3  failover, fence 5; active on 3',
  ],
  [
    { method: 'tag', params: { ...TAG, from: null, owner: 3, reason: 'announced', managed: false, machines: [] } },
    'cluster 1  tag vip  none -> 3  announced, not managed; active on none',
  ],
])('%j is one line', (change, line) => {
  expect(changeLine(change)).toBe(line);
});
