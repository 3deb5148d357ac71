/** Sends packets to a BIN port and reads what comes out of sockets: throws when a `seq` is missing or comes twice. */
const { once } = require('node:events');
const { connect } = require('node:net');
const { performance } = require('node:perf_hooks');
const { setImmediate: nextTurn, setTimeout: after } = require('node:timers/promises');
const { answerCalls } = require('../support/calls.js');
const { packet, packets } = require('../support/packets.js');
const { percentile } = require('../support/statistics.js');
const { RawSocket } = require('../support/raw-socket.js');

/** What one write holds at most, and what may be on its way: far less than may wait for a socket, or is kept for all of them together. */
const BURST_PACKETS = 1_000;
const WINDOW_BYTES = 2 ** 21;
const WINDOW_BYTES_OF_ALL = 2 ** 26;

const HEADER_BYTES = 16;
const SEQ = Buffer.from('"seq":');
const COMMA = 0x2c;

/** What every socket has received, together. */
let received = 0;
let sockets = [];
let generator;
let awaited = Number.POSITIVE_INFINITY;
let reached = () => {};

function windowBytes(readers) {
  return Math.min(WINDOW_BYTES, WINDOW_BYTES_OF_ALL / readers);
}

function take(socket, seq, count) {
  if (seq !== socket.seq + 1) throw new Error(`after ${socket.seq} came ${seq}`);
  socket.seq += count;
  received += count;
  if (received >= awaited) reached();
}

function jsonSeq(socket, buffer, at) {
  // What stands before it is as long in every packet of a socket.
  socket.seqAt ??= buffer.indexOf(SEQ, at) + SEQ.length - at;
  let seq = 0;
  for (let i = at + socket.seqAt; buffer[i] !== COMMA; i++) seq = seq * 10 + buffer[i] - 48;
  return seq;
}

async function openSocket(url, subprotocol, params) {
  const socket = { seq: 0, raw: null, seqAt: null, binaryMessages: 0, checked: { seq: 0, messages: 0, bytes: 0 } };
  await new Promise((resolve, reject) => {
    const onText = (buffer, at, length) => {
      const head = socket.answered ? null : buffer.latin1Slice(at, at + Math.min(length, 60));
      if (head?.includes('"error"')) reject(new Error(buffer.latin1Slice(at, at + Math.min(length, 160))));
      if (socket.answered) take(socket, jsonSeq(socket, buffer, at), 1);
      else if (head.includes('"id":1')) {
        socket.answered = true;
        socket.checked.bytes = socket.raw.payloadBytes;
        resolve();
      }
    };
    const onBinary = (buffer, at) => {
      socket.binaryMessages++;
      take(socket, Number(buffer.readBigUInt64LE(at + 8)), buffer.readUInt16LE(at + 2));
    };
    RawSocket.open(url, subprotocol, { onText, onBinary }).then((raw) => {
      socket.raw = raw;
      raw.sendText(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'register_module', params }));
    }, reject);
  });
  return socket;
}

/** Headers tell of packets: that they are there, too, their bytes show. Resolves when the last one is. */
async function checkBytes(socket, frameBytes) {
  const { raw, checked } = socket;
  while (!raw.isBetweenMessages) await nextTurn();
  const { seq, binaryMessages: messages } = socket;
  const bytes = raw.payloadBytes;
  const wanted = (messages - checked.messages) * HEADER_BYTES + (seq - checked.seq) * frameBytes;
  if (messages > checked.messages && bytes - checked.bytes !== wanted) {
    throw new Error(`packets of ${wanted} bytes came as ${bytes - checked.bytes}`);
  }
  socket.checked = { seq, messages, bytes };
}

function receivedAre(count) {
  if (received >= count) return undefined;
  awaited = count;
  return new Promise((resolve) => {
    reached = () => {
      awaited = Number.POSITIVE_INFINITY;
      resolve();
    };
  });
}

answerCalls({
  open: async ({ url, bin, subprotocol, count, params }) => {
    for (const { raw } of sockets) raw.destroy();
    generator?.destroy();
    received = 0;
    sockets = [];
    for (let i = 0; i < count; i++) sockets.push(await openSocket(url, subprotocol, params));
    const [host, port] = bin.split(':');
    generator = connect({ host, port: Number(port), localAddress: '127.0.0.2', noDelay: true });
    await once(generator, 'connect');
  },
  /** As fast as they come out again, in whole bursts. Answers the seconds for so many, from the first one's way in to the last one's way out. */
  flood: async ({ count, payloadBytes }) => {
    const readers = sockets.length;
    const windowPackets = Math.ceil(windowBytes(readers) / packet('ul', payloadBytes).length);
    const burstPackets = Math.min(BURST_PACKETS, windowPackets, count);
    const burst = packets(burstPackets, 'ul', payloadBytes);
    const before = received / readers;
    const started = performance.now();
    const all = Math.ceil(count / burstPackets) * burstPackets;
    for (let sent = 0; sent < all; sent += burstPackets) {
      await receivedAre((before + sent - windowPackets) * readers);
      if (!generator.write(burst)) await once(generator, 'drain');
    }
    await receivedAre((before + all) * readers);
    await Promise.all(sockets.map((socket) => checkBytes(socket, burst.length / burstPackets)));
    const seconds = (performance.now() - started) / 1000;
    if (sockets.some(({ seq }) => seq !== sockets[0].seq)) throw new Error('not every socket has every packet');
    return (seconds * count) / all;
  },
  /**
   * At an even rate, a millisecond's worth at a time. Answers milliseconds from when a packet was due to its arrival:
   * what came late because it had to wait for others is late.
   */
  paced: async ({ count, payloadBytes, perSecond }) => {
    const perTurn = Math.max(1, Math.round(perSecond / 1_000));
    const burst = packets(perTurn, 'ul', payloadBytes);
    const windowPackets = Math.ceil((windowBytes(1) / burst.length) * perTurn);
    const times = [];
    const written = [];
    const [socket] = sockets;
    const began = performance.now();
    const first = socket.seq;
    let sent = 0;
    let allCame;
    const came = new Promise((resolve) => {
      allCame = resolve;
    });
    reached = () => {
      const now = performance.now();
      while (written.length > 0 && socket.seq >= written[0].seq) times.push(now - written.shift().at);
      if (sent >= count && written.length === 0) allCame();
    };
    awaited = 0;
    while (sent < count) {
      const due = Math.floor(((performance.now() - began) / 1000) * perSecond);
      while (sent + perTurn <= due && sent < count && first + sent - socket.seq < windowPackets) {
        sent += perTurn;
        written.push({ seq: first + sent, at: began + (sent / perSecond) * 1_000 });
        generator.write(burst);
      }
      await after(0);
    }
    await came;
    awaited = Number.POSITIVE_INFINITY;
    return {
      p50: percentile(times, 0.5),
      p99: percentile(times, 0.99),
      p999: percentile(times, 0.999),
      samples: times.length,
    };
  },
});
