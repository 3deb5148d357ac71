const { MIXES } = require('./support/mixes.js');
const { flood, serviceAndPipe, startLoad } = require('./support/relaying.js');
const { compared, inTurn } = require('./support/rounds.js');
const { median, spread } = require('./support/statistics.js');

const LOAD = { mix: 'types', subprotocol: 'clusterer.v1.bin' };

/** Of a round. */
const SECONDS = 2;

/** Packets of a flood, and how many floods warm up a server and tell its top rate. */
const FLOOD = 1_000_000;
const FLOODS = 3;

const FIXED_RATE = 500_000;

/** Times the pipe's in the same round, and milliseconds. */
const LIMITS = { p50: { atMost: 2 }, p99: { atMost: 3, oursAtMost: 10 } };

/** The rate of the last floods. */
async function topRate(load, pid, count) {
  let last;
  for (let i = 0; i < FLOODS; i++) last = await flood(load, pid, count);
  return last.value;
}

/** Returns a function that measures milliseconds at this rate; on the service also the longest collection of garbage. */
function pacedAt(perSecond, { count, seconds }) {
  return async (server, parts) => {
    const load = await startLoad(server, parts);
    try {
      await topRate(load, server.pid, count);
      const isService = server.isProbed === true;
      if (isService) await server.call('watchCollections');
      const measured = await load.call('paced', { perSecond, count: perSecond * seconds });
      return { ...measured, ...(isService && { collection: await server.call('longestCollection') }) };
    } finally {
      await load.stop();
    }
  };
}

/** The rows of one rate. */
async function rowsAt(perSecond, { rounds, ...sizes }) {
  const { ours, baseline } = serviceAndPipe(LOAD, pacedAt(perSecond, sizes));
  const taken = await inTurn(rounds, ours, baseline, { warmUp: false });
  const rate = `${perSecond.toLocaleString('en')} packets/s`;
  const what = `latency from socket to socket, \`${LOAD.subprotocol}\`, ${MIXES[LOAD.mix].what}, ${rate}`;
  const rows = Object.entries(LIMITS).map(([figure, limits]) => {
    const against = 'the bare pipe at the same rate';
    return { what: `${what}: ${figure}`, against, unit: 'ms', ...limits, ...compared(taken, figure) };
  });
  const collections = spread(taken[0].map(({ collection }) => collection));
  return [...rows, { what: `${what}: longest collection of garbage`, unit: 'ms', value: collections }];
}

/** From the sender's write to the module's read, at a fixed rate and at half of what the service can do. */
async function run({ rounds, quick }) {
  const sizes = { rounds, count: quick ? FLOOD / 10 : FLOOD, seconds: quick ? 1 : SECONDS };
  const { ours } = serviceAndPipe(LOAD, async (server, parts) => {
    const load = await startLoad(server, parts);
    const rate = await topRate(load, server.pid, sizes.count);
    await load.stop();
    return rate;
  });
  const tops = [];
  for (let i = 0; i < FLOODS; i++) tops.push(await ours());
  const half = Math.round(median(tops) / 2);
  return [...(await rowsAt(FIXED_RATE, sizes)), ...(await rowsAt(half, sizes))];
}

module.exports = { run };
