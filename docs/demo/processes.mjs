/** The processes and the folder of a demo, and what it prints. Everything ends with Ctrl-C. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PAUSE_MS = process.argv.includes('--quick') ? 0 : 1_500;

export const folder = await mkdtemp(join(tmpdir(), 'clusterer-demo-'));

const children = [];
const cleanups = [];
let ending = false;

export const isEnding = () => ending;
export const print = (line = '') => process.stdout.write(`${line}\n`);
export const time = () => new Date().toTimeString().slice(0, 8);
export const say = (text) => print(`\n${time()}  ${text}`);
export const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));

/** Runs at the end, after all processes. */
export function atEnd(cleanup) {
  cleanups.push(cleanup);
}

/** Ends all processes, newest first, and removes the folder. */
async function end(exitCode) {
  if (ending) return;
  ending = true;
  for (const child of children.toReversed()) await stop(child, 'SIGTERM');
  for (const cleanup of cleanups) {
    await cleanup().catch((error) => process.stderr.write(`The demo could not clean up: ${error.message}\n`));
  }
  await rm(folder, { recursive: true, force: true });
  process.exit(exitCode);
}

/** Ends the demo with a message. */
export function failed(error) {
  if (ending) return;
  process.stderr.write(`The demo failed: ${error.message}\n`);
  void end(1);
}

/** Starts a program as a process that Ctrl-C does not reach, so that `end` stops them in order. */
export function spawnProgram(program, args, environment) {
  // `failed` ignores it then.
  if (ending) throw new Error('the demo ends');
  const child = spawn(program, args, {
    cwd: folder,
    detached: true,
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.once('error', failed);
  child.once('exit', (code, signal) => {
    if (!child.isWanted) return;
    const name = basename(program === process.execPath ? args[0] : program);
    failed(new Error(`${name} exited with ${code ?? signal}`));
  });
  child.isWanted = true;
  children.push(child);
  return child;
}

/** The same for a module of this folder. */
export function spawnModule(file, environment) {
  return spawnProgram(process.execPath, [fileURLToPath(new URL(file, import.meta.url))], environment);
}

/** Ends a process, and resolves when it has ended. */
export async function stop(child, signal) {
  child.isWanted = false;
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

/** The lines that a process prints. */
export function linesOf(child) {
  return createInterface(child.stdout);
}

/** Tries to listen there, at any port for 0. Returns the port, or null. */
export async function portAt(host, port) {
  const server = createServer().listen(port, host);
  try {
    await once(server, 'listening');
  } catch {
    return null;
  }
  const found = server.address().port;
  server.close();
  await once(server, 'close');
  return found;
}

/** The usual port, or a free one. */
export async function portFor(purpose, port, host = '127.0.0.1') {
  const usual = await portAt(host, port);
  if (usual !== null) return usual;
  const other = await portAt(host, 0);
  print(`Port ${port} is in use, so ${purpose} is at ${other}.`);
  return other;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void end(0));
process.on('uncaughtException', failed);
