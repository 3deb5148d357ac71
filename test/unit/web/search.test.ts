import type { Machine } from '../../../src/web/state/messages.js';
import { searchOf } from '../../../src/web/state/search.js';

const base = { address: null, disabled_for: [], description: 'proxy-ams' };
const machines = [
  { ...base, cluster_id: 1, machine_id: 7, url: 'bin:10.0.0.7:5555' },
  { ...base, cluster_id: 3, machine_id: 7, url: 'bin:10.0.3.7:5555' },
  { ...base, cluster_id: 3, machine_id: 71, url: 'bin:10.0.3.71:5555', description: null },
] as unknown as Machine[];

test.each([
  ['1/7', ['1/7']],
  ['3/7', ['3/7']],
  ['cluster 3', ['3/7', '3/71']],
  ['Cluster 3 machine 7', ['3/7']],
  ['machine', ['1/7', '3/7', '3/71']],
  ['AMS cluster 3', ['3/7']],
  ['10.0.3', ['3/7', '3/71']],
  ['1/71', []],
  ['', ['1/7', '3/7', '3/71']],
])('a search for "%s" finds %j', (text, found) => {
  const matches = machines.filter(searchOf(text));
  expect(matches.map(({ cluster_id, machine_id }) => `${cluster_id}/${machine_id}`)).toEqual(found);
});
