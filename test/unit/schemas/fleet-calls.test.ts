import { MOST_PARAMETERS } from '../../../src/schemas/fleet-calls.js';
import { BOUNDS } from '../../../src/wire/cluster/bounds.js';

test('an MI command has at most as many parameters as daemons have room for', () => {
  expect(MOST_PARAMETERS).toBe(BOUNDS.parameters);
});
