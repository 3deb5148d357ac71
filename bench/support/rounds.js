const { spread } = require('./statistics.js');

/**
 * Ours and the baseline in turn, after one round each to warm up unless each round does that itself. Each side answers `{ value }`, and `{ cpuMicros }` for one
 * unit of work where that can be told. Whoever comes first in a round comes second in the next.
 * @returns what both reached, and their ratio round by round: what slows the machine down slows both
 */
async function sideBySide(rounds, ours, baseline, { warmUp = true } = {}) {
  const sides = [
    { run: ours, taken: [] },
    { run: baseline, taken: [] },
  ];
  if (warmUp) for (const { run } of sides) await run();
  for (let round = 0; round < rounds; round++) {
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) side.taken.push(await side.run());
  }
  const [our, base] = sides.map(({ taken }) => taken);
  const ratiosOf = (field) => our.map((one, round) => one[field] / base[round][field]);
  const withCpu = our[0].cpuMicros !== undefined;
  return {
    ours: spread(our.map(({ value }) => value)),
    baseline: spread(base.map(({ value }) => value)),
    ratio: spread(ratiosOf('value')),
    ...(withCpu && {
      cpuMicros: { ours: spread(our.map((one) => one.cpuMicros)), baseline: spread(base.map((one) => one.cpuMicros)) },
    }),
  };
}

module.exports = { sideBySide };
