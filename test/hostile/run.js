// Attackers on REST, MI, BIN and sockets, and an honest client among them. `FUZZ_SECONDS` (default 60) and `FUZZ_SEED` (default random).
// From 60 seconds on, the honest client's p99 and the memory afterwards are checked too.
const { fork, spawn } = require('node:child_process');
const { once } = require('node:events');
const { mkdtempSync, readFileSync, rmSync } = require('node:fs');
const { connect } = require('node:net');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { createInterface } = require('node:readline');
const { setTimeout: after } = require('node:timers/promises');
const { WebSocket } = require('ws');

const SECONDS = Number(process.env.FUZZ_SECONDS ?? 60);
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
const THOROUGH = SECONDS >= 60;
const CERTIFICATES = join(__dirname, '../fixtures/certificates');
/** In a cluster that no attacker uses. */
const HONEST = { cluster_id: 1_234_567, machine_id: 2 };
const findings = [];

async function startService() {
  const folder = mkdtempSync(join(tmpdir(), 'clusterer-hostile-'));
  const env = {
    CLUSTERER_HTTP_PORT: '0',
    CLUSTERER_BIN_PORT: '0',
    CLUSTERER_BINS_PORT: '0',
    CLUSTERER_BINS_CERT: join(CERTIFICATES, 'service.crt'),
    CLUSTERER_BINS_KEY: join(CERTIFICATES, 'service.key'),
    // Registrations end soon after their sockets.
    CLUSTERER_REPLAY_SECONDS: '2',
  };
  const child = spawn(process.execPath, [join(__dirname, '../../dist/server.js')], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.once('exit', (code, signal) => findings.push(`service exited: ${code ?? signal}`));
  const listening = await new Promise((resolve) => {
    createInterface(child.stdout).on('line', (line) => {
      const fields = JSON.parse(line);
      if (fields.msg === 'listening') resolve(fields);
      if (fields.level >= 50) findings.push(`error in the log: ${line.slice(0, 2_000)}`);
    });
  });
  const residentMb = () => {
    const [, kib] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? [];
    return Math.round((Number(kib) * 1024) / 1e6);
  };
  const stop = async () => {
    child.removeAllListeners('exit').kill('SIGTERM');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    if (child.exitCode !== 0) findings.push(`service did not stop cleanly: ${child.exitCode ?? child.signalCode}`);
    rmSync(folder, { recursive: true });
  };
  return { ...listening, residentMb, stop };
}

/** The honest client: calls every interface in a loop. Each wrong response is a finding. */
async function behave({ http, bin }, going, times) {
  const path = `${http}/clusters/${HONEST.cluster_id}/machines`;
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ machine_id: HONEST.machine_id, url: 'bin:127.0.0.2:9' });
  await fetch(path, { method: 'POST', headers, body });
  const socket = new WebSocket(`${http.replace('http', 'ws')}/ws`, 'clusterer.v1');
  let onMessage = () => {};
  socket.on('message', (data) => onMessage(JSON.parse(data)));
  socket.on('close', (code) => findings.push(`honest client's socket closed: ${code}`));
  await once(socket, 'open');
  const ask = (method, params, isResponse) =>
    new Promise((resolve) => {
      onMessage = (message) => (isResponse(message) ? resolve(message) : undefined);
      if (method !== null) socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
    });
  await ask(
    'register_module',
    { module: 'honest', protocol: 'bin', timeout: 0, auth_check: true, cluster_id: HONEST.cluster_id },
    ({ id }) => id === 1,
  );
  const [host, port] = bin.split(':');
  const peer = connect({ host, port: Number(port), localAddress: '127.0.0.2', noDelay: true });
  peer.on('close', () => findings.push("honest machine's connection closed"));
  const packet = Buffer.from(
    '5034434b22000000010000000600000068 6f6e65737403000000020000006869686920'.replaceAll(' ', ''),
    'hex',
  );
  packet.writeUInt16LE(packet.length, 4);
  const timed = async (door, run) => {
    const start = performance.now();
    const right = await Promise.race([run(), after(5_000, 'late')]);
    times[door].push(performance.now() - start);
    if (right !== true) findings.push(`wrong response to the honest client (${door}): ${JSON.stringify(right)}`);
  };
  while (going()) {
    await timed('http', async () => {
      const machine = await (await fetch(`${path}/${HONEST.machine_id}`)).json();
      return (machine.state === 'up' && machine.url === 'bin:127.0.0.2:9') || machine;
    });
    await timed('mi', async () => {
      const answer = await (
        await fetch(`${http}/mi`, { method: 'POST', headers, body: '{"jsonrpc":"2.0","id":7,"method":"which"}' })
      ).json();
      return (answer.id === 7 && answer.result.includes('which')) || answer;
    });
    await timed('socket', async () => {
      const answer = await ask(
        'check',
        { cluster_id: HONEST.cluster_id, address: '127.0.0.2', server_id: 2 },
        ({ id }) => id === 1,
      );
      return answer.result?.known || answer;
    });
    await timed('bin', async () => {
      const came = ask(null, null, ({ method }) => method === 'packet');
      peer.write(packet);
      return (await came).params.machine_id === 2;
    });
    await after(5);
  }
  peer.removeAllListeners('close').destroy();
  socket.removeAllListeners('close').close(1000);
}

/** Runs the attackers once. Resolves with their counts. */
async function attack({ http, bin, bins }, seed, seconds) {
  const child = fork(
    join(__dirname, 'attacks.js'),
    [seed, seconds, http.slice('http://'.length), bin, bins].map(String),
  );
  let counts = {};
  child.on('message', (message) => {
    if (message.finding) findings.push(`${message.finding}\n    after: ${message.cause}`);
    else counts = message.counts;
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) findings.push(`attackers exited with ${code}`);
  return counts;
}

function p99(times) {
  const sorted = [...times].sort((a, b) => a - b);
  return Math.round((sorted[Math.floor(sorted.length * 0.99)] ?? 0) * 10) / 10;
}

async function main() {
  const say = (line) => process.stdout.write(`${line}\n`);
  say(`FUZZ_SEED=${SEED} FUZZ_SECONDS=${SECONDS}`);
  const service = await startService();
  // A first wave compiles code and grows heaps, so that the measurement shows only what an attack leaves behind.
  await attack(service, SEED, Math.min(10, SECONDS / 3));
  await after(THOROUGH ? 5_000 : 0);
  const before = service.residentMb();
  let finished = false;
  const times = { http: [], mi: [], socket: [], bin: [] };
  const honest = behave(service, () => !finished, times);
  const counts = await attack(service, SEED + 1_000, SECONDS);
  finished = true;
  await honest;
  const during = service.residentMb();
  let now = during;
  for (let i = 0; THOROUGH && i < 60 && now > before * 1.2; i++) {
    await after(500);
    now = service.residentMb();
  }
  await service.stop();
  say(`attackers: ${JSON.stringify(counts)}`);
  for (const [door, list] of Object.entries(times))
    say(
      `honest client, ${door}: ${list.length} responses, p99 ${p99(list)} ms, slowest ${p99(list.slice(-1))} ms`.replace(
        /, slowest.*/,
        `, slowest ${Math.round(Math.max(...list))} ms`,
      ),
    );
  say(`resident memory: ${before} MB before, ${during} MB at the end of the attack, ${now} MB afterwards`);
  if (THOROUGH) {
    for (const [door, list] of Object.entries(times))
      if (p99(list) >= 50) findings.push(`p99 of ${door} is ${p99(list)} ms; it must be under 50`);
    if (now > before * 1.2) findings.push('resident memory is not back within 20 %');
  }
  for (const finding of findings) say(`FOUND: ${finding}`);
  process.exit(findings.length === 0 ? 0 : 1);
}

main();
