const { startScript } = require('./support/processes.js');
const { sideBySide } = require('./support/rounds.js');

/** The engine with a million pairs of registration and machine that are watched, without any socket. */
async function run({ rounds, quick }) {
  const count = quick ? 1_000_000 : 5_000_000;
  const [ours, theirs] = [startScript('load/engine.js', 'server'), startScript('load/engine.js', 'server')];
  try {
    await ours.call('prepareEngine');
    await theirs.call('prepareMap');
    const measured = await sideBySide(
      rounds,
      async () => ({ value: count / (await ours.call('engine', { count })) }),
      async () => ({ value: count / (await theirs.call('map', { count })) }),
    );
    return [
      {
        what: 'engine: packet received, auth checked, reception refreshed, with 1,000,000 pairs watched',
        against: 'the same loop over a bare `Map` lookup and store',
        unit: 'packets/s',
        atLeast: 0.5,
        oursAtLeast: 1_000_000,
        ...measured,
      },
    ];
  } finally {
    await Promise.all([ours.stop(), theirs.stop()]);
  }
}

module.exports = { run };
