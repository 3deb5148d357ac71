// What a scrape of /metrics takes, with many machines and registrations. Prints what was measured and writes it to SCRAPE.md.
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { cpus, release, tmpdir, totalmem, type } = require('node:os');
const { join } = require('node:path');
const { performance } = require('node:perf_hooks');
const { createInterface } = require('node:readline');
const { PrismaLibSql } = require('@prisma/adapter-libsql');
const { WebSocket } = require('ws');

const CLUSTERS = 100;
const MACHINES_EACH = 100;
const REGISTRATIONS_EACH = 10;
const REGISTRATIONS_A_SOCKET = 250;
const SCRAPES = 200;

/** The service in a process of its own. */
async function startServer(folder) {
  const env = { CLUSTERER_HTTP_PORT: '0', CLUSTERER_BIN_PORT: '0' };
  const server = join(__dirname, '../dist/server.js');
  const child = spawn(process.execPath, [server], { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const http = await new Promise((resolve) => {
    createInterface(child.stdout).on('line', (line) => {
      const fields = JSON.parse(line);
      if (fields.msg === 'listening') resolve(fields.http);
    });
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  return { http, stop };
}

async function fillTable(folder) {
  const database = await new PrismaLibSql({ url: `file:${join(folder, 'data/clusterer.db')}` }).connect();
  const rows = [];
  for (let c = 1; c <= CLUSTERS; c++) {
    for (let m = 1; m <= MACHINES_EACH; m++) rows.push(`(${c}, ${m}, 'bin:10.0.${c}.${m}:5555')`);
  }
  await database.executeScript(`INSERT INTO clusterer (cluster_id, machine_id, url) VALUES ${rows.join(', ')};`);
  await database.dispose();
}

/** Registers `total` modules, each under a name of its own. */
async function register(http, total) {
  const sockets = [];
  for (let number = 0; number < total; ) {
    const socket = new WebSocket(`${http.replace('http', 'ws')}/ws`, 'clusterer.v1');
    await once(socket, 'open');
    sockets.push(socket);
    const last = Math.min(total, number + REGISTRATIONS_A_SOCKET);
    const answered = new Promise((resolve) => {
      socket.on('message', (data) => JSON.parse(data).id === last && resolve());
    });
    for (; number < last; number++) {
      const cluster_id = (number % CLUSTERS) + 1;
      const params = { module: `m${number}`, protocol: 'bin', timeout: 3600, auth_check: true, cluster_id };
      socket.send(JSON.stringify({ jsonrpc: '2.0', id: number + 1, method: 'register_module', params }));
    }
    await answered;
  }
  return () => {
    for (const socket of sockets) socket.terminate();
  };
}

/** Median and longest of many scrapes, in milliseconds, and the bytes of one. */
async function scrape(http) {
  const took = [];
  let bytes = 0;
  for (let i = 0; i < SCRAPES; i++) {
    const begun = performance.now();
    bytes = (await (await fetch(`${http}/metrics`)).text()).length;
    took.push(performance.now() - begun);
  }
  took.sort((a, b) => a - b);
  return { median: took[SCRAPES / 2], longest: took.at(-1), bytes };
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'clusterer-bench-'));
  const { http, stop } = await startServer(folder);
  const lines = [];
  const measure = async (what) => {
    const { median, longest, bytes } = await scrape(http);
    lines.push(`| ${what} | ${median.toFixed(1)} ms | ${longest.toFixed(1)} ms | ${Math.round(bytes / 1024)} KiB |`);
    process.stdout.write(`${lines.at(-1)}\n`);
  };
  await measure('nothing');
  await fillTable(folder);
  await fetch(`${http}/reload`, { method: 'POST' });
  await measure(`${CLUSTERS * MACHINES_EACH} machines`);
  const leave = await register(http, CLUSTERS * REGISTRATIONS_EACH);
  await measure(
    `and ${CLUSTERS * REGISTRATIONS_EACH} registrations, each of a module of its own that watches ${MACHINES_EACH} machines`,
  );
  leave();
  await stop();
  rmSync(folder, { recursive: true });

  const machine = `${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()} ${release()}, Node ${process.version}`;
  const text = [
    '# Scrape\n',
    `Written by \`node bench/scrape.js\`: ${SCRAPES} scrapes of \`/metrics\`, one after another, over HTTP. ${machine}.\n`,
    '|  | median | longest | answer |\n| --- | --- | --- | --- |',
    `${lines.join('\n')}\n`,
  ];
  writeFileSync(join(__dirname, 'SCRAPE.md'), text.join('\n'));
}

main();
