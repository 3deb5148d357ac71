const { MIXES } = require('./support/mixes.js');
const { relaySideBySide } = require('./support/relaying.js');

/** The same way, each packet a JSON text of its own. */
async function run({ rounds, quick }) {
  const results = [];
  for (const [mix, { what }] of Object.entries(MIXES)) {
    const count = quick ? 20_000 : 200_000;
    const measured = await relaySideBySide({ rounds, subprotocol: 'clusterer.v1', mix, count });
    results.push({
      what: `BIN in, \`clusterer.v1\` (JSON) out, auth check on: ${what}`,
      against: 'bare Node pipe that writes the same JSON, one `ws` message a packet',
      unit: 'packets/s',
      atLeast: 0.9,
      ...measured,
    });
  }
  return results;
}

module.exports = { run };
