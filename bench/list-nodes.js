const { processorMicros, scratchFolder, startScript, startService } = require('./support/processes.js');
const { sideBySide } = require('./support/rounds.js');
const { makeTable } = require('./support/table.js');

/** What HTTP adds by itself. */
const OF_HTTP = ['connection', 'content-length', 'date', 'keep-alive'];

/** More than the bare one answers. */
const LIMITS = { CLUSTERER_HTTP_REQUESTS_PER_SECOND: '1000000' };

async function startTable(machines) {
  const folder = scratchFolder();
  await makeTable(folder, machines);
  return await startService(LIMITS, folder);
}

/** What the service answers: all that the bare one needs. */
async function answerOf(machines) {
  const service = await startTable(machines);
  const answer = await fetch(`${service.http}/nodes`);
  const body = await answer.text();
  const headers = Object.fromEntries([...answer.headers].filter(([name]) => !OF_HTTP.includes(name)));
  await service.stop();
  return { body, headers };
}

/** Two floods, of which the first warms up: what V8 makes of the same code differs by a tenth from one process to the next. */
async function flood({ http, pid }, count, bodyBytes) {
  const load = startScript('load/get.js', 'load');
  const ask = (answers) => load.call('ask', { url: `${http}/nodes`, count: answers, bodyBytes });
  try {
    await ask(count / 2);
    const before = processorMicros(pid);
    const seconds = await ask(count);
    return { value: count / seconds, cpuMicros: (processorMicros(pid) - before) / count };
  } finally {
    await load.stop();
  }
}

async function list(machines, count, rounds) {
  const answer = await answerOf(machines);
  const bodyBytes = Buffer.byteLength(answer.body);
  const ours = async () => {
    const service = await startTable(machines);
    try {
      return await flood(service, count, bodyBytes);
    } finally {
      await service.stop();
    }
  };
  const baseline = async () => {
    const bare = startScript('baselines/answer.js', 'server');
    try {
      const { http } = await bare.call('listen', answer);
      return await flood({ http, pid: bare.pid }, count, bodyBytes);
    } finally {
      await bare.stop();
    }
  };
  return {
    what: `\`GET /nodes\` of ${machines.toLocaleString('en')} machine${machines === 1 ? '' : 's'}`,
    against: 'bare Fastify that answers the same bytes from memory',
    unit: 'answers/s',
    atLeast: 0.8,
    ...(await sideBySide(rounds, ours, baseline, { warmUp: false })),
  };
}

/** The list of machines, which nobody changes meanwhile. Each round is of two processes of its own. */
async function run({ rounds, quick }) {
  if (quick) return [await list(100, 200, rounds)];
  return [await list(1_000, 20_000, rounds), await list(1, 60_000, rounds)];
}

module.exports = { run };
