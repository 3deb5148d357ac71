// Delivery under force: cut connections, a client that stalls, a fire hose. Prints what was measured and writes it to DELIVERY.md.
const { once } = require('node:events');
const { writeFileSync } = require('node:fs');
const { connect } = require('node:net');
const { join } = require('node:path');
const { performance } = require('node:perf_hooks');
const { setImmediate: turn, setTimeout: after } = require('node:timers/promises');
const { WebSocket } = require('ws');
const { describeMachine } = require('./support/machine.js');
const { packet, packets } = require('./support/packets.js');
const { memoryMegabytes, startService } = require('./support/processes.js');
const { percentile } = require('./support/statistics.js');

const RECONNECTS = 1_000;
const FIREHOSE = 1_000_000;
const SUBPROTOCOLS = ['clusterer.v1', 'clusterer.v1.bin'];
const UL = { module: 'ul', protocol: 'bin', timeout: 0, auth_check: false, cluster_id: 0 };

/** The service in a process of its own, and how to be a machine that sends to it. */
async function startServer() {
  const { pid, http, bin, stop } = await startService();
  const [host, port] = bin.split(':');
  const peer = async () => {
    const socket = connect({ host, port: Number(port), localAddress: '127.0.0.2', noDelay: true });
    await once(socket, 'connect');
    return socket;
  };
  return { url: `${http.replace('http', 'ws')}/ws`, http, memory: (name) => memoryMegabytes(pid, name), stop, peer };
}

/** Holds one registration through any number of connections, and throws when a seq is missing or comes twice. */
class Module {
  seq = 0;
  closed = null;
  #registered = null;

  constructor(url, subprotocol, params = UL, onPacket = () => {}) {
    Object.assign(this, { url, subprotocol, params, onPacket });
  }

  async connect() {
    const socket = new WebSocket(this.url, this.subprotocol);
    this.socket = socket;
    this.closed = once(socket, 'close').then(([code]) => code);
    const answered = new Promise((resolve, reject) => {
      socket.on('error', reject);
      socket.on('message', (data, isBinary) => {
        // What was on its way when the connection was cut is lost.
        if (socket !== this.socket) return;
        if (isBinary) this.#take(Number(data.readBigUInt64LE(8)), data.readUInt16LE(2));
        else this.#text(JSON.parse(data), resolve);
      });
    });
    await once(socket, 'open');
    const { registration, epoch } = this.#registered ?? {};
    const resume = this.#registered && { resume: { registration, epoch, seq: this.seq } };
    socket.send(
      JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'register_module', params: { ...this.params, ...resume } }),
    );
    const result = await answered;
    if (resume && !result.resumed) throw new Error(`not resumed: ${result.reason}`);
    this.#registered = result;
    return result;
  }

  cut() {
    const socket = this.socket;
    this.socket = null;
    socket.terminate();
  }

  async until(seq) {
    while (this.seq < seq) await turn();
  }

  #text(message, answer) {
    if (message.id === 1) answer(message.result);
    else if (message.method === 'packet') this.#take(message.params.seq, 1);
  }

  #take(seq, count) {
    if (seq !== this.seq + 1) throw new Error(`after ${this.seq} came ${seq}`);
    this.seq += count;
    this.onPacket(count);
  }
}

async function write(peer, bytes) {
  if (!peer.write(bytes)) await once(peer, 'drain');
}

async function reconnects(subprotocol) {
  const server = await startServer();
  const module = new Module(server.url, subprotocol);
  await module.connect();
  const peer = await server.peer();
  const burst = packets(20, 'ul', 200);
  let sent = 0;
  let loaded = true;
  const load = (async () => {
    for (; loaded; sent += 20) {
      await write(peer, burst);
      await after(1);
    }
  })();
  const started = performance.now();
  for (let i = 0; i < RECONNECTS; i++) {
    await module.until(module.seq + 1 + Math.floor(Math.random() * 50));
    module.cut();
    await module.connect();
  }
  const seconds = (performance.now() - started) / 1000;
  loaded = false;
  await load;
  await module.until(sent);
  peer.destroy();
  await server.stop();
  return `${RECONNECTS} reconnects in ${seconds.toFixed(1)} s; ${sent} packets, each seq once`;
}

/** One packet at a time to the other client, from its writing to its arrival. */
async function latencies(peer, other, condition) {
  const times = [];
  const one = packet('other', 100);
  while (condition()) {
    const { seq } = other;
    const started = performance.now();
    peer.write(one);
    await other.until(seq + 1);
    times.push(performance.now() - started);
    await after(1);
  }
  const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)];
  return `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms of ${times.length}`;
}

async function stalled(subprotocol) {
  const server = await startServer();
  const [slow, other] = [
    new Module(server.url, subprotocol),
    new Module(server.url, subprotocol, { ...UL, module: 'other' }),
  ];
  await Promise.all([slow.connect(), other.connect()]);
  const [hose, quiet] = await Promise.all([server.peer(), server.peer()]);
  const burst = packets(10, 'ul', 3_000);
  let sent = 0;
  let loaded = true;
  const load = (async () => {
    for (; loaded; sent += 10) {
      await write(hose, burst);
      await after(5);
    }
  })();
  const during = async (phase) => {
    let going = true;
    const result = latencies(quiet, other, () => going);
    await phase;
    going = false;
    return result;
  };
  const before = await during(after(3_000));
  slow.socket.pause();
  let code;
  const meanwhile = await during(
    (async () => {
      // A client that reads nothing does not see the close: the public list tells of it.
      for (;;) {
        const { modules } = await (await fetch(`${server.http}/modules`)).json();
        if (!modules[0].connected) break;
        await after(50);
      }
      slow.socket.resume();
      code = await slow.closed;
    })(),
  );
  const { missed } = await slow.connect();
  const target = sent;
  const resuming = await during(slow.until(target));
  loaded = false;
  await load;
  await slow.until(sent);
  hose.destroy();
  quiet.destroy();
  await server.stop();
  return [
    `closed with ${code}, resumed with ${missed} packets of 3 kB missed; ${sent} packets, each seq once`,
    `another client, before: ${before}; while it stalls: ${meanwhile}; while it resumes: ${resuming}`,
  ];
}

/** A million packets: a module that reads nothing, one that keeps up, and one that only a packet in a hundred is for. */
async function firehose(payloadBytes) {
  const server = await startServer();
  const slow = new Module(server.url, 'clusterer.v1.bin');
  const fast = new Module(server.url, 'clusterer.v1.bin');
  const rare = new Module(server.url, 'clusterer.v1.bin', { ...UL, module: 'rare' });
  for (const module of [slow, fast, rare]) await module.connect();
  slow.socket.pause();
  rare.socket.pause();
  const peer = await server.peer();
  const burst = Buffer.concat([packets(100, 'ul', payloadBytes), packet('rare', 20)]);
  const started = performance.now();
  // As fast as one module can drink: what it has not read by then is less than may wait for it.
  for (let sent = 0; sent < FIREHOSE; sent += 100) {
    await write(peer, burst);
    if ((sent - fast.seq) * payloadBytes > 8e6) await fast.until(sent);
  }
  await fast.until(FIREHOSE);
  const seconds = (performance.now() - started) / 1000;
  const result = `${Math.round(FIREHOSE / seconds / 1000)} thousand packets/s; resident: peak ${server.memory('VmHWM')} MB, at the end ${server.memory('VmRSS')} MB`;
  for (const module of [slow, fast, rare]) module.socket.terminate();
  peer.destroy();
  await server.stop();
  return result;
}

async function main() {
  const rows = [];
  const say = (what, result) => {
    rows.push(`| ${what} | ${result} |`);
    process.stdout.write(`${what}: ${result}\n`);
  };
  const wanted = (name) => process.argv.length < 3 || process.argv.includes(name);
  for (const subprotocol of SUBPROTOCOLS) {
    if (wanted('reconnects')) say(`reconnects, ${subprotocol}`, await reconnects(subprotocol));
    if (!wanted('stalled')) continue;
    const [delivered, latency] = await stalled(subprotocol);
    say(`stalled client, ${subprotocol}`, delivered);
    say(`latency, ${subprotocol}`, latency);
  }
  for (const payloadBytes of wanted('firehose') ? [200, 2_000] : []) {
    say(`fire hose of 1,000,000 packets with ${payloadBytes} bytes of payload`, await firehose(payloadBytes));
  }
  if (process.argv.length > 2) return;
  writeFileSync(
    join(__dirname, 'DELIVERY.md'),
    `# Delivery\n\nOn ${describeMachine()}; client and service share it.\n\n| what | measured |\n|---|---|\n${rows.join('\n')}\n`,
  );
}

main();
