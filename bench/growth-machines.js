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
    const each = machines > 10 ? `, ${Math.round((heapBytes - least) / (machines - 10))} bytes a machine` : '';
    results.push({
      what: `memory with ${machines.toLocaleString('en')} machines`,
      says: `${Math.round(heapBytes / 1e6)} MB on the heap${each}; ${memoryMegabytes(service.pid, 'VmRSS')} MB resident`,
    });
    await service.stop();
  }
  return results;
}

module.exports = { run };
