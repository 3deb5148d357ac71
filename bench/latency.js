const { floodRate, PAYLOAD_BYTES, startLoad, startRelay } = require('./support/relaying.js');
const { spreadText } = require('./support/report.js');
const { spread } = require('./support/statistics.js');

/** Of a round. */
const SECONDS = 2;

const PERCENTILES = { p50: 'p50', p99: 'p99', p999: 'p99.9' };

/** From the sender's write to the module's read, at half of what is possible. */
async function run({ rounds, quick }) {
  const results = [];
  for (const subprotocol of ['clusterer.v1.bin', 'clusterer.v1']) {
    const service = await startRelay();
    const load = await startLoad(service, subprotocol, 1);
    const possible = await floodRate(load, service.pid, { rounds, count: quick ? 50_000 : 500_000 });
    const perSecond = Math.round(possible / 2);
    const paced = { payloadBytes: PAYLOAD_BYTES, perSecond, count: perSecond * (quick ? 1 : SECONDS) };
    const taken = [];
    for (let round = 0; round < rounds; round++) taken.push(await load.call('paced', paced));
    const milliseconds = (name) => spreadText(spread(taken.map((one) => one[name])));
    results.push({
      what: `latency of a packet from socket to socket, \`${subprotocol}\`, ${perSecond.toLocaleString('en')} packets/s`,
      says: Object.entries(PERCENTILES)
        .map(([name, word]) => `${word} ${milliseconds(name)} ms`)
        .join(', '),
    });
    await load.stop();
    await service.stop();
  }
  return results;
}

module.exports = { run };
