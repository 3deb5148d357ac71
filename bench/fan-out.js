const { relaySideBySide } = require('./support/relaying.js');

const MODULES = 100;

/** One stream of packets to a hundred modules. */
async function run({ rounds, quick }) {
  const count = quick ? 4_000 : 150_000;
  const receivers = Array.from({ length: MODULES }, () => ['ul']);
  const measured = await relaySideBySide({ rounds, subprotocol: 'clusterer.v1.bin', receivers, count });
  return [
    {
      what: `one packet stream to ${MODULES} modules (binary)`,
      against: 'bare `ws` broadcast of the same bytes',
      unit: 'packets/s in',
      atLeast: 0.8,
      ...measured,
    },
  ];
}

module.exports = { run };
