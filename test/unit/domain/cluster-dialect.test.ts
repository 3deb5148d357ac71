import { dialectOf } from '../../../src/domain/cluster-dialect.js';

const exceptions = new Map([
  [7, '2.2'],
  [8, '2.4'],
] as const);

it.each([
  ['the table of version 1', 1, null, 1, false, '2.2'],
  ['the table of version 4', 1, null, 4, false, '2.4'],
  ['a join, whatever the table', 1, null, 1, true, '2.4'],
  ['the default, whatever the table', 1, '2.2', 4, false, '2.2'],
  ['the default 2.4 in a table of version 1', 1, '2.4', 1, false, '2.4'],
  ['an exception before the default', 7, '2.4', 4, false, '2.2'],
  ['an exception before the table', 8, null, 1, false, '2.4'],
] as const)('the dialect of a cluster is that of %s', (_, clusterId, fallback, tableVersion, joined, dialect) => {
  expect(dialectOf(clusterId, { fallback, exceptions }, tableVersion, joined)).toBe(dialect);
});
