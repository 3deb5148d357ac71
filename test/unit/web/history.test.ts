import { type HistoryEntry, historyWords } from '../../../src/web/words/history-words.js';

function past(kind: string, detail: object, more: Partial<HistoryEntry> = {}): HistoryEntry {
  return {
    id: 1,
    at: '2026-11-22T12:00:00.000Z',
    kind,
    cluster_id: 1,
    machine_id: 2,
    cause: null,
    by: null,
    ...more,
    detail: { ...detail },
  };
}

const counts = { clusters: 1, nodes: 3, added: 1, removed: 0, changed: 0, skipped: 2 };

test.each<[HistoryEntry, string]>([
  [past('node_state', { from: 'up', to: 'down' }, { cause: 'operator', by: 'alice' }), 'is down: set by alice'],
  [past('node_state', { to: 'up', reason: 'done' }, { cause: 'operator' }), 'is up: set by an operator, done'],
  [
    past('node_state', { to: 'temp_disabled' }, { cause: 'send_failed' }),
    'is temporarily disabled: sends to it failed',
  ],
  [past('drain', { change: 'set', reason: 'kernel update', by: 'alice' }), 'is drained by alice: kernel update'],
  [past('drain', { change: 'set', reason: 'set down', by: 'alice' }), 'is set down by alice'],
  [past('drain', { change: 'ended', reason: null, by: null }), 'is no longer drained'],
  [past('provisioning', { change: 'created' }, { by: 'alice' }), 'was added, by alice'],
  [past('provisioning', { change: 'deleted' }), 'was removed'],
  [past('node_state', { to: 'up' }, { cause: 'link_up' }), 'is up: it answers again'],
  [past('provisioning', { change: 'changed' }), 'was changed'],
  [
    past('reload', counts, { cause: 'start', cluster_id: null }),
    'The service started. Table loaded: 3 machines, 1 added, 2 skipped',
  ],
  [past('reload', counts, { by: 'alice' }), 'Table loaded: 3 machines, 1 added, 2 skipped, by alice'],
  [past('registration', { change: 'made', module: 'ul' }), 'Module ul registered for cluster 1'],
  [
    past('registration', { change: 'ended', module: 'ul' }, { cluster_id: null }),
    'Module ul unregistered for every cluster',
  ],
  [past('capability', { name: 'x', from: null, to: 'not_synced' }), 'announces x as not synced'],
  [
    past('message', { reply: false }, { machine_id: null, by: 'alice' }),
    'A message was sent to the machines, by alice',
  ],
  [past('message', { reply: true }, { machine_id: null }), 'A reply was sent to the machines'],
  [past('not_known_yet', {}), 'Not known yet'],
])('an entry of the history has a sentence: %#', (entry, words) => {
  expect(historyWords(entry)).toBe(words);
});
