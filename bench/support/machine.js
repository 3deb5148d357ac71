const { availableParallelism, cpus, release, totalmem, type } = require('node:os');
const { existsSync, readFileSync } = require('node:fs');

/** Also loopback has it: with `bbr` the kernel nearly stops a connection for 0.2 s each 10 s, to measure its round trip. */
const CONGESTION_CONTROL = '/proc/sys/net/ipv4/tcp_congestion_control';

/** What it was measured on, as every result says. */
function describeMachine() {
  const [{ model }] = cpus();
  const hardware = `${cpus().length} × ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  const tcp = existsSync(CONGESTION_CONTROL) ? ` (TCP ${readFileSync(CONGESTION_CONTROL, 'utf8').trim()})` : '';
  return `${hardware}, ${type()} ${release()}${tcp}, Node ${process.version}`;
}

const TASKSET = '/usr/bin/taskset';

/** Whether processes can have a core each: what is measured then never shares one with what loads it. */
const PINNED = availableParallelism() >= 2 && existsSync(TASKSET);

/** The core of what is measured, ours and baseline alike, and the core of everything that loads it. */
const CORES = { server: '1', load: '0' };

let isShared = false;

/** A command line on one core. */
function onCore(core, command) {
  return PINNED && !isShared ? [TASKSET, '-c', CORES[core], ...command] : command;
}

/** Runs a bench whose processes share all cores: there are more of them than cores. */
async function sharingCores(measure) {
  isShared = true;
  try {
    return await measure();
  } finally {
    isShared = false;
  }
}

module.exports = { describeMachine, onCore, PINNED, sharingCores };
