import { readRow } from '../../../src/storage/stores/rows.js';

const ROW = {
  clusterer_id: '7',
  cluster_id: '1',
  machine_id: '2',
  url: 'bin:127.0.0.2:5555',
  state: '1',
  description: null,
  failed_attempts: '-1',
  last_attempt: '8029399167908617523',
  duration: '30',
  no_tries: '0',
};

it('reads any integer; a time past 2^53 loses its last digits', () => {
  expect(readRow(ROW)).toEqual({
    clustererId: 7,
    clusterId: 1,
    machineId: 2,
    url: 'bin:127.0.0.2:5555',
    state: 1,
    description: null,
    failedAttempts: -1,
    lastAttempt: 8029399167908617000,
    duration: 30,
    noTries: 0,
  });
});

it.each([
  [{ state: 'up' }, { clustererId: 7, field: 'state', reason: 'state is not an integer: "up"' }],
  [{ duration: '1.5' }, { clustererId: 7, field: 'duration', reason: 'duration is not an integer: "1.5"' }],
  [{ no_tries: '' }, { clustererId: 7, field: 'no_tries', reason: 'no_tries is not an integer: ""' }],
  [
    { no_tries: '9'.repeat(400) },
    { clustererId: 7, field: 'no_tries', reason: `no_tries is not an integer: "${'9'.repeat(40)}"` },
  ],
  [{ url: null }, { clustererId: 7, field: 'url', reason: 'url is NULL' }],
  [{ clusterer_id: null }, { clustererId: null, field: 'clusterer_id', reason: 'clusterer_id is NULL' }],
  [
    { clusterer_id: '2147483648' },
    { clustererId: 2147483648, field: 'clusterer_id', reason: 'clusterer_id is larger than 2147483647' },
  ],
  [
    { url: null, state: 'up' },
    { clustererId: 7, field: 'url', reason: 'url is NULL' },
  ],
])('skips a row with %j and names the first wrong field', (wrong, skipped) => {
  expect(readRow({ ...ROW, ...wrong })).toEqual(skipped);
});
