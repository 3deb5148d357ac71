const { setTimeout: wait } = require('node:timers/promises');
const { memoryMegabytes, startScript, startService } = require('./support/processes.js');
const { sideBySide } = require('./support/rounds.js');

/** Each takes as long as both sides are idle. */
const MOST_ROUNDS = 3;

const IDLE_MS = 10_000;

/** As /proc/PID/status says it, in units of 1,024 × 1,024 bytes. */
function residentMebibytes(pid) {
  return Math.round((memoryMegabytes(pid, 'VmRSS') * 1e6) / 2 ** 20);
}

async function ofService(idleMs) {
  // Without the probe of the other benches: it is a part of the process, and would count.
  const service = await startService({}, undefined, []);
  await wait(idleMs);
  const value = residentMebibytes(service.pid);
  await service.stop();
  return { value };
}

async function ofBareFastify(idleMs) {
  const script = startScript('baselines/answer.js', 'server');
  await script.call('listen', { path: '/readyz', body: '{"status":"ready"}', headers: {} });
  await wait(idleMs);
  const value = residentMebibytes(script.pid);
  await script.stop();
  return { value };
}

/** What a service with an empty table holds that does nothing. */
async function run({ rounds, quick }) {
  const idleMs = quick ? IDLE_MS / 10 : IDLE_MS;
  const measured = await sideBySide(
    Math.min(rounds, MOST_ROUNDS),
    () => ofService(idleMs),
    () => ofBareFastify(idleMs),
    { warmUp: false },
  );
  return [
    {
      what: `resident memory with an empty table in SQLite, ${IDLE_MS / 1000} s after the start`,
      against: 'bare Fastify that answers `/readyz`',
      unit: 'MiB',
      oursAtMost: 130,
      ...measured,
    },
  ];
}

module.exports = { run };
