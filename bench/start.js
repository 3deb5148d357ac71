const { rmSync } = require('node:fs');
const { join } = require('node:path');
const { scratchFolder, startScript } = require('./support/processes.js');
const { sideBySide } = require('./support/rounds.js');
const { makeTable } = require('./support/table.js');

const MACHINES = 10_000;
const QUICK_MACHINES = 1_000;

/** In a process of its own, which has done nothing of the sort before, as a start has not. */
async function inNewProcess(name, url) {
  const script = startScript('load/start.js', 'server');
  try {
    return { value: await script.call(name, { url }) };
  } finally {
    await script.stop();
  }
}

/** What a start does with the table, once the process runs and the database is open. */
async function run({ rounds, quick }) {
  const count = quick ? QUICK_MACHINES : MACHINES;
  const folder = scratchFolder();
  await makeTable(folder, count);
  const url = `file:${join(folder, 'data/clusterer.db')}`;
  try {
    const measured = await sideBySide(
      rounds,
      () => inNewProcess('load', url),
      () => inNewProcess('select', url),
      { warmUp: false },
    );
    return [
      {
        what: `start with ${count.toLocaleString('en')} machines in SQLite: the table into memory`,
        against: 'bare `SELECT` of the same rows by the same driver',
        unit: 'ms',
        atMost: 3,
        ...measured,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

module.exports = { run };
