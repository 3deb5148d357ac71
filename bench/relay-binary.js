const { relaySideBySide } = require('./support/relaying.js');

const BARE_PIPE_AT_FULL_SPEED = 1_200_000;

/** What OpenSIPS 2.2, in C, receives on such a machine: ours must where a bare pipe can. */
const WANTED_THERE = 1_000_000;

/** A packet's whole way through the service, from socket to socket. */
async function run({ rounds, quick }) {
  const count = quick ? 100_000 : 2_000_000;
  const measured = await relaySideBySide({ rounds, subprotocol: 'clusterer.v1.bin', sockets: 1, count });
  const fast = measured.baseline.median >= BARE_PIPE_AT_FULL_SPEED;
  return [
    {
      what: 'BIN in, `clusterer.v1.bin` out: 200 bytes of payload, one module, auth check on',
      against: 'bare Node pipe: TCP in, frames split, one `ws` message a chunk',
      unit: 'packets/s',
      atLeast: 0.85,
      ...(fast && { oursAtLeast: WANTED_THERE }),
      ...measured,
    },
  ];
}

module.exports = { run };
