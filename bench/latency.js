const { floodRate, PAYLOAD_BYTES, startLoad, startRelay } = require('./support/relaying.js');
const { spread } = require('./support/statistics.js');

/** Of a round. */
const SECONDS = 2;

/** Of the floods that tell what is possible: as many as where that alone is measured. */
const FLOOD = { 'clusterer.v1.bin': 2_000_000, 'clusterer.v1': 500_000 };

const PERCENTILES = { p50: 'p50', p99: 'p99', p999: 'p99.9' };

/** From the sender's write to the module's read, at half of what is possible. */
async function run({ rounds, quick }) {
  const results = [];
  for (const [subprotocol, count] of Object.entries(FLOOD)) {
    const service = await startRelay();
    const load = await startLoad(service, subprotocol, 1);
    const possible = await floodRate(load, service.pid, { rounds, count: quick ? 50_000 : count });
    const perSecond = Math.round(possible.median / 2);
    const paced = { payloadBytes: PAYLOAD_BYTES, perSecond, count: perSecond * (quick ? 1 : SECONDS) };
    const taken = [];
    for (let round = 0; round < rounds; round++) taken.push(await load.call('paced', paced));
    const what = `latency of a packet from socket to socket, \`${subprotocol}\`, ${perSecond.toLocaleString('en')} packets/s`;
    for (const [name, word] of Object.entries(PERCENTILES)) {
      results.push({ what: `${what}: ${word}`, unit: 'ms', value: spread(taken.map((one) => one[name])) });
    }
    await load.stop();
    await service.stop();
  }
  return results;
}

module.exports = { run };
