const { floodRate, startLoad, startRelay } = require('./support/relaying.js');
const { memoryMegabytes } = require('./support/processes.js');

const KEPT_MEGABYTES = [8, 32, 128, 512];

/** What it costs to keep packets for a resume: buffers of several sizes, full. */
async function run({ rounds, quick }) {
  const results = [];
  for (const megabytes of KEPT_MEGABYTES) {
    const service = await startRelay({ environment: { CLUSTERER_REPLAY_BYTES: String(megabytes * 2 ** 20) } });
    const load = await startLoad(service, { subprotocol: 'clusterer.v1.bin' });
    const rate = await floodRate(load, service.pid, { rounds, count: quick ? 100_000 : 2_000_000 });
    const what = `a registration keeps ${megabytes} MiB for a resume`;
    results.push({ what, unit: 'packets/s', value: rate });
    results.push({ what: `${what}: resident`, unit: 'MB', value: memoryMegabytes(service.pid, 'VmRSS') });
    await load.stop();
    await service.stop();
  }
  return results;
}

module.exports = { run };
