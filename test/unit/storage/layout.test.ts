import { layoutOf } from '../../../src/storage/schema/layout.js';
import { DEFAULT_COLUMNS } from '../../integration/store-databases.js';

const VERSION_4 = ['id', 'cluster_id', 'node_id', 'url', 'state', 'no_ping_retries', 'priority', 'sip_addr', 'flags'];

it.each([
  ['both node_id and no_ping_retries', VERSION_4, 1, 4],
  ['node_id only', ['id', 'node_id'], 4, 1],
  ['the columns of version 1', Object.values(DEFAULT_COLUMNS), 4, 1],
  ['no column, so it is new, as the dialect says', [], 4, 4],
  ['no column, so it is new, by default', [], 1, 1],
] as const)('a table with %s', (_, found, fresh, version) => {
  expect(layoutOf(found, DEFAULT_COLUMNS, fresh).version).toBe(version);
});

it("a variable that is not set means OpenSIPS's name, and one that is set wins", () => {
  const { columns, key } = layoutOf(VERSION_4, { ...DEFAULT_COLUMNS, clusterer_id: 'row', url: 'uri' }, 1);

  expect(key).toBe('row');
  expect(columns).toEqual({
    clusterer_id: 'row',
    cluster_id: 'cluster_id',
    machine_id: 'node_id',
    url: 'uri',
    state: 'state',
    description: 'description',
    failed_attempts: 'no_ping_retries',
    priority: 'priority',
    sip_addr: 'sip_addr',
  });
});
