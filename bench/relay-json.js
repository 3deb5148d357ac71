const { relaySideBySide } = require('./support/relaying.js');

/** The same way, each packet a JSON text of its own. */
async function run({ rounds, quick }) {
  const count = quick ? 20_000 : 500_000;
  const measured = await relaySideBySide({ rounds, subprotocol: 'clusterer.v1', sockets: 1, count });
  return [
    {
      what: 'the same to `clusterer.v1` (JSON)',
      against: 'bare Node pipe that writes the same JSON, one `ws` message a packet',
      unit: 'packets/s',
      atLeast: 0.9,
      ...measured,
    },
  ];
}

module.exports = { run };
