const { MIXES } = require('./support/mixes.js');
const { relaySideBySide } = require('./support/relaying.js');

/** What the service must reach where the pipe is this fast: OpenSIPS 2.2, in C, receives a million on such a machine. */
const FAST_PIPE = 2_000_000;
const WANTED_THERE = 1_200_000;

/** The smallest ratio. Where modules alternate, the service sorts packets by module, and the pipe does not. Captured packets are short, 149 bytes. */
const AT_LEAST = { repeated: 0.85, types: 0.85, modules: 0.6, machines: 0.6, captured: 0.4 };

/** A packet's whole way through the service, from socket to socket. */
async function run({ rounds, quick }) {
  const results = [];
  for (const mix of quick ? ['machines'] : Object.keys(AT_LEAST)) {
    const atLeast = AT_LEAST[mix];
    const count = quick ? 10_000 : 2_000_000;
    const measured = await relaySideBySide({ rounds, subprotocol: 'clusterer.v1.bin', mix, count });
    const isFast = mix === 'types' && measured.baseline.median >= FAST_PIPE;
    results.push({
      what: `BIN in, \`clusterer.v1.bin\` out, auth check on: ${MIXES[mix].what}`,
      against: 'bare Node pipe: TCP in, frames split, one `ws` message a chunk',
      unit: 'packets/s',
      atLeast,
      ...(isFast && { oursAtLeast: WANTED_THERE }),
      ...measured,
    });
  }
  return results;
}

module.exports = { run };
