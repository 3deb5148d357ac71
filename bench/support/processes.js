const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { mkdtempSync, readFileSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { createInterface } = require('node:readline');
const { callsTo } = require('./calls.js');
const { onCore } = require('./machine.js');

const SERVER = join(__dirname, '../../dist/server.js');
const PROBE = join(__dirname, 'probe.js');

/** Options of Node's for the service that is measured, as `--cpu-prof --cpu-prof-dir=/tmp/profile`. */
const PROFILING = process.env.BENCH_NODE_OPTIONS?.split(' ') ?? [];

/** Microseconds of processor time that a process has used (proc(5), stat, fields 14 and 15: hundredths of a second). */
function processorMicros(pid) {
  const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13);
  return (Number(user) + Number(system)) * 10_000;
}

/** Megabytes as /proc/pid/status names them: `VmRSS`, `VmHWM`. */
function memoryMegabytes(pid, name) {
  const [, kib] = new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Math.round((kib * 1024) / 1e6);
}

async function end(child, signal) {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  child.kill(signal);
  const [code] = await once(child, 'exit');
  return code;
}

/** A script of the bench, in a process of its own on the core for `server` or `load`. */
function startScript(script, core, nodeOptions = []) {
  const [command, ...args] = onCore(core, [process.execPath, ...nodeOptions, join(__dirname, '..', script)]);
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return { pid: child.pid, call: callsTo(child), stop: () => end(child, 'SIGKILL') };
}

/** An empty folder for a service. */
function scratchFolder() {
  return mkdtempSync(join(tmpdir(), 'clusterer-bench-'));
}

/** The service in a process of its own, on the core for `server`; what it leaves in its folder is gone once it has stopped. */
async function startService(environment = {}, folder = scratchFolder(), probe = ['--expose-gc', '--require', PROBE]) {
  const options = [...probe, ...PROFILING];
  const [command, ...args] = onCore('server', [process.execPath, ...options, SERVER]);
  const env = { CLUSTERER_HTTP_PORT: '0', CLUSTERER_BIN_PORT: '0' };
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const listening = await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the service ended with ${code}`)));
    const lines = createInterface(child.stdout);
    const read = (line) => {
      // Node's own options may make it say more.
      const fields = line.startsWith('{') ? JSON.parse(line) : {};
      if (fields.msg !== 'listening') return;
      // What comes later is not read as JSON, which would take the load's core, but it must not fill the pipe.
      lines.off('line', read);
      resolve(fields);
    };
    lines.on('line', read);
  });
  const stop = async () => {
    const code = await end(child, 'SIGTERM');
    rmSync(folder, { recursive: true });
    if (code !== 0) throw new Error(`the service ended with ${code}`);
  };
  return { pid: child.pid, http: listening.http, bin: listening.bin, call: callsTo(child), stop };
}

module.exports = { memoryMegabytes, processorMicros, scratchFolder, startScript, startService };
