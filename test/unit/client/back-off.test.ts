import { backOffMs } from '../../../src/client/transport/back-off.js';

describe('the back-off', () => {
  it('doubles with every failure, up to ten seconds', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 100, 5000].map((failures) => backOffMs(failures, 1))).toEqual([
      250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000,
    ]);
  });

  it('is any part of that', () => {
    expect([0, 0.5].map((chance) => backOffMs(2, chance))).toEqual([0, 500]);
  });
});
