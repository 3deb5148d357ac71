const { processorMicros, scratchFolder, startScript, startService } = require('./support/processes.js');
const { sideBySide } = require('./support/rounds.js');
const { makeTable } = require('./support/table.js');

/** What HTTP adds by itself. */
const OF_HTTP = ['connection', 'content-length', 'date', 'keep-alive'];

/** More than the bare one answers. */
const LIMITS = { CLUSTERER_HTTP_REQUESTS_PER_SECOND: '1000000' };

async function list(machines, count, rounds) {
  const folder = scratchFolder();
  await makeTable(folder, machines);
  const service = await startService(LIMITS, folder);
  const answer = await fetch(`${service.http}/nodes`);
  const body = await answer.text();
  const headers = Object.fromEntries([...answer.headers].filter(([name]) => !OF_HTTP.includes(name)));
  const bare = startScript('baselines/answer.js', 'server');
  const { http } = await bare.call('listen', { body, headers });
  const load = startScript('load/get.js', 'load');
  const ask = async (base, pid) => {
    const before = processorMicros(pid);
    const seconds = await load.call('ask', { url: `${base}/nodes`, count, bodyBytes: Buffer.byteLength(body) });
    return { value: count / seconds, cpuMicros: (processorMicros(pid) - before) / count };
  };
  try {
    const measured = await sideBySide(
      rounds,
      () => ask(service.http, service.pid),
      () => ask(http, bare.pid),
    );
    return {
      what: `\`GET /nodes\` of ${machines.toLocaleString('en')} machine${machines === 1 ? '' : 's'}`,
      against: 'bare Fastify that answers the same bytes from memory',
      unit: 'answers/s',
      atLeast: 0.8,
      ...measured,
    };
  } finally {
    await Promise.all([load.stop(), bare.stop()]);
    await service.stop();
  }
}

/** The list of machines, which nobody changes meanwhile. */
async function run({ rounds, quick }) {
  return [await list(1_000, quick ? 200 : 20_000, rounds), await list(1, quick ? 2_000 : 60_000, rounds)];
}

module.exports = { run };
