const { memoryMegabytes, scratchFolder, startService } = require('./support/processes.js');
const { makeTable } = require('./support/table.js');

/** What a service holds that has only loaded its table. */
async function run() {
  const results = [];
  let least;
  for (const machines of [10, 1_000, 100_000]) {
    const folder = scratchFolder();
    await makeTable(folder, machines);
    const service = await startService({}, folder);
    const heapBytes = await service.call('heapUsed');
    least ??= heapBytes;
    const what = `memory with ${machines.toLocaleString('en')} machines`;
    results.push({ what: `${what}: the heap`, unit: 'MB', value: heapBytes / 1e6 });
    if (machines > 10) {
      results.push({ what: `${what}: of each`, unit: 'bytes', value: (heapBytes - least) / (machines - 10) });
    }
    results.push({ what: `${what}: resident`, unit: 'MB', value: memoryMegabytes(service.pid, 'VmRSS') });
    await service.stop();
  }
  return results;
}

module.exports = { run };
