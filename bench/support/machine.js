const { availableParallelism, cpus, release, totalmem, type } = require('node:os');
const { existsSync } = require('node:fs');

/** What it was measured on, as every result says. */
function describeMachine() {
  const [{ model }] = cpus();
  return `${cpus().length} × ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()} ${release()}, Node ${process.version}`;
}

const TASKSET = '/usr/bin/taskset';

/** Whether processes can have a core each: what is measured then never shares one with what loads it. */
const PINNED = availableParallelism() >= 2 && existsSync(TASKSET);

/** The core of what is measured, ours and baseline alike, and the core of everything that loads it. */
const CORES = { server: '1', load: '0' };

/** A command line on one core. */
function onCore(core, command) {
  return PINNED ? [TASKSET, '-c', CORES[core], ...command] : command;
}

module.exports = { describeMachine, onCore, PINNED };
