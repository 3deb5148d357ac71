const { spread } = require('./statistics.js');

/**
 * Ours and the baseline in turn, after one round each to warm up unless each round does that itself. Each side answers `{ value }`, and `{ cpuMicros }` for one
 * unit of work where that can be told. Whoever comes first in a round comes second in the next.
 * @returns what each side returned, round by round: what slows the machine down slows both
 */
async function inTurn(rounds, ours, baseline, { warmUp = true } = {}) {
  const sides = [
    { run: ours, taken: [] },
    { run: baseline, taken: [] },
  ];
  if (warmUp) for (const { run } of sides) await run();
  for (let round = 0; round < rounds; round++) {
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) side.taken.push(await side.run());
  }
  return sides.map(({ taken }) => taken);
}

/** The spreads of one figure of both sides, and of their ratio in each round. */
function compared([our, base], figure = 'value') {
  const spreadOf = (side, name) => spread(side.map((one) => one[name]));
  const withCpu = our[0].cpuMicros !== undefined;
  return {
    ours: spreadOf(our, figure),
    baseline: spreadOf(base, figure),
    ratio: spread(our.map((one, round) => one[figure] / base[round][figure])),
    ...(withCpu && { cpuMicros: { ours: spreadOf(our, 'cpuMicros'), baseline: spreadOf(base, 'cpuMicros') } }),
  };
}

/** Both sides in turn, and their `value` compared. */
async function sideBySide(...parts) {
  return compared(await inTurn(...parts));
}

module.exports = { compared, inTurn, sideBySide };
