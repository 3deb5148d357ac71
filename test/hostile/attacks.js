// The attackers, in a separate process, which `run.js` forks. It sends its findings.
const { connect } = require('node:net');
const tls = require('node:tls');
const { setTimeout: after } = require('node:timers/promises');
const { WebSocket } = require('ws');
const { chanceOf, message, NAMES, PATHS } = require('./values.js');

const [seed, seconds, http, bin, bins] = process.argv.slice(2);
const until = performance.now() + Number(seconds) * 1000;
const going = () => performance.now() < until;
const counts = {};
const count = (what) => {
  counts[what] = (counts[what] ?? 0) + 1;
};
/** Reports something that must not happen, once, with its cause. */
const reported = new Set();
const report = (finding, cause) => {
  if (reported.has(finding)) return;
  reported.add(finding);
  process.send({ finding, cause: String(cause).slice(0, 2_000) });
};

/** A connection from a random address. Its errors are expected. */
function reach(where, chance) {
  const [host, port] = where.split(':');
  const socket = connect({
    host,
    port: Number(port),
    localAddress: `127.0.${chance.below(4)}.${chance.below(200) + 20}`,
  });
  return socket.on('error', () => {});
}

/** Resolves when the connection is closed; closes it after the time. */
async function ended(socket, ms) {
  await Promise.race([new Promise((resolve) => socket.once('close', resolve)), after(ms, null, { ref: false })]);
  socket.destroy();
}

function httpRequest(chance) {
  const { below, pick, next, bytes } = chance;
  const id = () =>
    pick([
      below(4) + 1,
      below(20) + 1,
      ...NAMES.map(encodeURIComponent_),
      '1e3',
      '-1',
      '4294967296',
      '%ff%fe',
      '9'.repeat(200),
    ]);
  const path =
    next() < 0.6 ? pick(PATHS) : `/clusters/${id()}/machines/${id()}${pick(['', '/status', '/state', '/x'])}`;
  const query =
    next() < 0.3
      ? `?${pick(['limit', 'cursor', 'protocol', 'state', 'cluster_id', '__proto__', 'address', '%ff'])}=${id()}&${id()}`
      : '';
  const method = pick(['GET', 'GET', 'POST', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'PROPFIND', 'BREW']);
  const body = method === 'GET' || method === 'HEAD' ? Buffer.alloc(0) : message(chance);
  const lines = [`${method} ${path}${query} HTTP/1.1`, 'Host: x'];
  if (body.length > 0)
    lines.push(
      `Content-Type: ${pick(['application/json', 'application/json', 'application/json', 'text/plain', '__proto__', 'application/json-rpc'])}`,
    );
  const odd = below(30);
  if (odd === 0) lines.push(`X-Long: ${'x'.repeat(below(40_000))}`);
  if (odd === 1)
    lines.push('Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA');
  if (odd === 2) lines.push(...Array.from({ length: below(3_000) }, (_, i) => `h${i}: 1`));
  if (odd === 3) lines.push(`If-Match: ${'"'.repeat(below(100))}`, `If-None-Match: ${pick(NAMES.slice(0, 6))}`);
  if (odd > 25) lines.push('If-None-Match: *');
  if (next() < 0.2) lines.push(`Accept: ${pick(['text/plain', 'text/*;q=2', '*/*;q=', ',,', ...NAMES.slice(0, 6)])}`);
  if (next() < 0.1) lines.push(`Last-Event-ID: ${id()}`, `Range: bytes=${id()}-`, `Origin: ${pick(NAMES.slice(0, 7))}`);
  if (odd === 4)
    lines.push(
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Protocol: ${pick(NAMES.slice(0, 6))}`,
    );
  if (odd === 5) lines.push(`Authorization: Bearer ${bytes(20).toString('latin1')}`);
  if (odd === 6) lines.push('Transfer-Encoding: chunked', 'Content-Length: 5');
  else if (odd === 7)
    lines.push(`Content-Length: ${pick([-1, '1e9', '99999999999999999999', body.length + below(9)])}`);
  else if (body.length > 0 || next() < 0.1) lines.push(`Content-Length: ${body.length}`);
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
}

function encodeURIComponent_(name) {
  return name === '\ud800' ? '%ed%a0%80' : encodeURIComponent(name);
}

/** REST and MI: one request or several in a row, whole, truncated, or on a half-closed connection. */
async function overHttp(chance) {
  const { below, next } = chance;
  while (going()) {
    const socket = reach(http, chance);
    const sent = Array.from({ length: next() < 0.7 ? 1 : 1 + below(8) }, () => httpRequest(chance));
    let text = '';
    let answers = 0;
    socket.on('data', (data) => {
      text += data.toString('latin1');
      for (const [line, status] of text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)) {
        count(`HTTP ${status[0]}xx`);
        answers++;
        if (status >= '500') {
          report(`HTTP ${status} (${text.slice(text.indexOf(line), text.indexOf(line) + 900)})`, Buffer.concat(sent));
        }
      }
      if (text.includes('"code":-32603')) report('JSON-RPC -32603 over HTTP', Buffer.concat(sent));
      // A status line that is split between two chunks is not counted.
      text = '';
      if (answers >= sent.length) socket.destroy();
    });
    const all = Buffer.concat(sent);
    const way = below(20);
    if (way === 0) socket.end(all.subarray(0, below(all.length)));
    else if (way === 1) socket.write(all.subarray(0, below(all.length)), () => socket.resetAndDestroy());
    else if (way === 2) socket.end(all);
    else if (way === 3) socket.write(chance.bytes(200));
    else socket.write(all);
    await ended(socket, below(10) === 0 ? below(30) : 500);
  }
}

/** Connections that send one byte at a time, and never finish. */
async function slowly(chance) {
  while (going()) {
    const sockets = Array.from({ length: 20 }, () => reach(chance.pick([http, bin, bins]), chance));
    for (let i = 0; i < 100 && going(); i++) {
      for (const socket of sockets) if (!socket.destroyed) socket.write('P4CK\x30'[i % 5]);
      await after(50);
    }
    for (const socket of sockets) socket.destroy();
  }
}

/** BIN, plain and over TLS: packets that are whole, damaged, truncated, or none. */
async function overBin(chance, where, secure) {
  const { below, pick, bytes, next } = chance;
  while (going()) {
    const tcp = reach(where, chance);
    const socket =
      secure && next() < 0.8 ? tls.connect({ socket: tcp, rejectUnauthorized: false }).on('error', () => {}) : tcp;
    socket.resume();
    for (let i = 0; i < below(20); i++) {
      const name = Buffer.from(pick(['ul', 'dialog', ...NAMES, 'x'.repeat(below(300))]));
      const payload = bytes(below(100));
      const head = Buffer.alloc(16);
      head.write('P4CK');
      head.writeUInt32LE(24 + name.length + payload.length, 4);
      head.writeUInt32LE(name.length, 12);
      const packet = Buffer.concat([head, name, Buffer.from(Int32Array.of(below(9), below(4)).buffer), payload]);
      if (next() < 0.1) packet[below(packet.length)] = below(256);
      socket.write(next() < 0.05 ? packet.subarray(0, below(packet.length)) : packet);
      count('BIN packets');
    }
    if (next() < 0.2) setTimeout(() => tcp.resetAndDestroy(), below(10)).unref();
    await ended(socket, 5 + below(60));
  }
}

/** Sockets: any JSON-RPC and binary frames, some from clients that never read, some invalid as WebSocket frames. */
async function overSockets(chance) {
  const { below, pick, next, bytes } = chance;
  while (going()) {
    const binary = next() < 0.5;
    const socket = new WebSocket(`ws://${http}/ws`, binary ? 'clusterer.v1.bin' : 'clusterer.v1', {
      localAddress: `127.0.1.${below(200) + 20}`,
    });
    socket.on('error', () => {});
    socket.on('message', (data, isBinary) => {
      count('socket messages');
      if (!isBinary && String(data).includes('-32603')) report('JSON-RPC -32603 on a socket', data);
    });
    socket.on('open', () => {
      if (next() < 0.2) socket._socket.pause();
      for (let i = 0; i < 1 + below(30) && socket.readyState === socket.OPEN; i++) {
        const kind = below(20);
        if (kind === 0) socket._socket.write(bytes(below(30)));
        else if (kind === 1) socket.ping(bytes(below(125)));
        else if (kind === 2) socket.send(bytes(below(100)), { binary: false });
        else if (kind < 6) socket.send(binaryFrame(chance));
        else socket.send(message(chance), { binary: false, fin: next() < 0.95 });
      }
      const way = below(4);
      if (way === 0) socket.close(pick([1000, 1001, 3000, 4999]));
      if (way === 1) socket.terminate();
    });
    const opened = new Promise((resolve) => socket.once('open', () => setTimeout(resolve, 20 + below(200))));
    await Promise.race([opened, new Promise((resolve) => socket.once('close', resolve)), after(2_000)]);
    socket.terminate();
  }
}

function binaryFrame({ below, pick, bytes }) {
  const head = Buffer.alloc(16);
  head[0] = pick([2, 2, 2, 1, 255]);
  head.writeUInt32LE(below(99), 4);
  head.writeUInt32LE(pick([0, 1, 2, 0xffff_ffff]), 8);
  const name = pick([Buffer.from('ul'), Buffer.from([0xff, 0xfe]), Buffer.alloc(0), Buffer.alloc(300, 'x')]);
  const packet = Buffer.concat([Buffer.from('P4CK'), Buffer.alloc(12), name, bytes(8 + below(60))]);
  packet.writeUInt16LE(packet.length, 4);
  packet.writeInt32LE(pick([name.length, name.length, -1, 2 ** 31 - 1]), 12);
  return Buffer.concat([head, packet]);
}

const attackers = [overHttp, overHttp, overHttp, overSockets, overSockets, overSockets, slowly];
const all = attackers.map((attack, i) => attack(chanceOf(Number(seed) + i)));
for (let i = 0; i < 3; i++)
  all.push(overBin(chanceOf(Number(seed) + 10 + i), bin, false), overBin(chanceOf(Number(seed) + 20 + i), bins, true));
Promise.all(all).then(() => process.send({ counts }, () => process.exit()));
