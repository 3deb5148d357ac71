const { floodRate, PAYLOAD_BYTES, startLoad, startRelay } = require('./support/relaying.js');

const SECONDS = 5;

/** From the sender's write to the module's read, at half of what is possible. */
async function run({ rounds, quick }) {
  const results = [];
  for (const subprotocol of ['clusterer.v1.bin', 'clusterer.v1']) {
    const service = await startRelay();
    const load = await startLoad(service, subprotocol, 1);
    const possible = await floodRate(load, service.pid, { rounds, count: quick ? 50_000 : 500_000 });
    const perSecond = Math.round(possible / 2);
    const paced = { payloadBytes: PAYLOAD_BYTES, perSecond, count: perSecond * (quick ? 1 : SECONDS) };
    const { p50, p99, p999 } = await load.call('paced', paced);
    results.push({
      what: `latency of a packet from socket to socket, \`${subprotocol}\`, ${perSecond.toLocaleString('en')} packets/s`,
      says: `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, p99.9 ${p999.toFixed(2)} ms`,
    });
    await load.stop();
    await service.stop();
  }
  return results;
}

module.exports = { run };
