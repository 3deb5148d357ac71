const { rmSync } = require('node:fs');
const { join } = require('node:path');
const { scratchFolder, startScript } = require('./support/processes.js');
const { sideBySide } = require('./support/rounds.js');
const { makeTable } = require('./support/table.js');

const MACHINES = 10_000;

/** What a start does with the table, once the process runs and the database is open. */
async function run({ rounds }) {
  const folder = scratchFolder();
  await makeTable(folder, MACHINES);
  const url = `file:${join(folder, 'data/clusterer.db')}`;
  const [ours, theirs] = [startScript('load/start.js', 'server'), startScript('load/start.js', 'server')];
  try {
    const measured = await sideBySide(
      rounds,
      async () => ({ value: await ours.call('load', { url }) }),
      async () => ({ value: await theirs.call('select', { url }) }),
    );
    return [
      {
        what: `start with ${MACHINES.toLocaleString('en')} machines in SQLite: the table into memory`,
        against: 'bare `SELECT` of the same rows by the same driver',
        unit: 'ms',
        atMost: 3,
        ...measured,
      },
    ];
  } finally {
    await Promise.all([ours.stop(), theirs.stop()]);
    rmSync(folder, { recursive: true });
  }
}

module.exports = { run };
