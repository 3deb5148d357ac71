const { startScript } = require('./support/processes.js');
const { sideBySide } = require('./support/rounds.js');

/** The engine with a million pairs of registration and machine that are watched, without any socket. Quick: with ten thousand. */
async function run({ rounds, quick }) {
  const count = quick ? 100_000 : 5_000_000;
  const pairs = quick ? 10_000 : 1_000_000;
  const [ours, theirs] = [startScript('load/engine.js', 'server'), startScript('load/engine.js', 'server')];
  const measure = (order) => {
    const options = { count, order };
    return sideBySide(
      rounds,
      async () => ({ value: count / (await ours.call('engine', options)) }),
      async () => ({ value: count / (await theirs.call('map', options)) }),
    );
  };
  try {
    await ours.call('prepareEngine', pairs);
    await theirs.call('prepareMap', pairs);
    const against = 'the same loop over a bare `Map` lookup and store';
    const what = `engine: packet received, auth checked, reception refreshed, with ${pairs.toLocaleString('en')} pairs watched`;
    const wanted = { against, unit: 'packets/s', atLeast: 0.5, oursAtLeast: 1_000_000 };
    return [
      { ...wanted, what, ...(await measure('turn')) },
      { ...wanted, what: 'the same, pairs in random order', ...(await measure('random')) },
    ];
  } finally {
    await Promise.all([ours.stop(), theirs.stop()]);
  }
}

module.exports = { run };
