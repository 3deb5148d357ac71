/** Sends packets to a BIN port and reads what comes out of sockets: throws when a `seq` is missing or comes twice. */
const { once } = require('node:events');
const { connect } = require('node:net');
const { performance } = require('node:perf_hooks');
const { setImmediate: nextTurn, setTimeout: delay } = require('node:timers/promises');
const { answerCalls } = require('../support/calls.js');
const { burstOf } = require('../support/bursts.js');
const { addressOf, mixOf } = require('../support/mixes.js');
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
/** Each receives the packets of its `modules`. */
let sockets = [];
/** The connections of the machines, and what each repeats. */
let senders = [];
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

async function openSocket(url, subprotocol, modules, params) {
  const socket = { modules, seq: 0, raw: null, seqAt: null, binaryMessages: 0, checked: { messages: 0, bytes: 0 } };
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

/** Headers tell how many packets came; this checks that their bytes came too. Resolves after the last byte. */
async function checkBytes(socket, wantedBytes) {
  const { raw, checked } = socket;
  while (!raw.isBetweenMessages) await nextTurn();
  const { binaryMessages: messages } = socket;
  const bytes = raw.payloadBytes;
  const wanted = (messages - checked.messages) * HEADER_BYTES + wantedBytes;
  if (messages > checked.messages && bytes - checked.bytes !== wanted) {
    throw new Error(`packets of ${wanted} bytes came as ${bytes - checked.bytes}`);
  }
  socket.checked = { messages, bytes };
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

/** Packets and bytes that a socket gets of a burst. */
function shareOf({ modules }, { ofModule }) {
  const shares = modules.map(ofModule);
  return {
    packets: shares.reduce((sum, { packets }) => sum + packets, 0),
    bytes: shares.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

async function connectMachine(bin, index, cycle) {
  const [host, port] = bin.split(':');
  const stream = connect({ host, port: Number(port), localAddress: addressOf(index), noDelay: true });
  await once(stream, 'connect');
  return { stream, cycle };
}

answerCalls({
  /** Opens the connections of a mix, and for each list of modules a socket that receives them; the sockets go to the urls in turn. The first module of a list is registered. */
  open: async ({ urls, bin, subprotocol, mix, receivers, params }) => {
    for (const { raw } of sockets) raw.destroy();
    for (const { stream } of senders) stream.destroy();
    received = 0;
    sockets = [];
    for (const [index, modules] of receivers.entries()) {
      const url = urls[index % urls.length];
      sockets.push(await openSocket(url, subprotocol, modules, { ...params, module: modules[0] }));
    }
    const { machineIds, cycle } = mixOf(mix);
    senders = await Promise.all(machineIds.map((id, index) => connectMachine(bin, index, cycle(id))));
  },
  /** Ends the registrations. Otherwise the server keeps packets for them for a while. */
  leave: () => Promise.all(sockets.map(({ raw }) => raw.close())).then(() => {}),
  /**
   * As fast as they come out again, in whole bursts, the machines in turn. Returns the seconds for so many, from the first one's way in to
   * the last one's way out.
   */
  flood: async ({ count }) => {
    const largest = burstOf(senders[0].cycle, BURST_PACKETS);
    const windowPackets = Math.ceil((windowBytes(sockets.length) / largest.bytes.length) * BURST_PACKETS);
    const burstPackets = Math.min(BURST_PACKETS, windowPackets, count);
    const bursts = senders.map(({ stream, cycle }) => ({ stream, ...burstOf(cycle, burstPackets) }));
    const shares = sockets.map((socket) => shareOf(socket, bursts[0]));
    const eachBurst = shares.reduce((sum, { packets }) => sum + packets, 0);
    const windowBursts = Math.ceil(windowPackets / burstPackets);
    const all = Math.ceil(count / burstPackets);
    const before = received;
    const started = performance.now();
    for (let sent = 0; sent < all; sent++) {
      await receivedAre(before + (sent - windowBursts) * eachBurst);
      const { stream, bytes } = bursts[sent % bursts.length];
      if (!stream.write(bytes)) await once(stream, 'drain');
    }
    await receivedAre(before + all * eachBurst);
    await Promise.all(sockets.map((socket, i) => checkBytes(socket, shares[i].bytes * all)));
    const seconds = (performance.now() - started) / 1000;
    return (seconds * count) / (all * burstPackets);
  },
  /**
   * One machine to one socket at an even rate, a millisecond's worth at a time. Returns milliseconds from when a packet was due to its
   * arrival: what came late because it had to wait for others is late. With `rests` it sleeps meanwhile, and leaves its core to others.
   */
  paced: async ({ count, perSecond, rests = false }) => {
    const perTurn = Math.max(1, Math.round(perSecond / 1_000));
    const [{ stream, cycle }] = senders;
    const burst = burstOf(cycle, perTurn).bytes;
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
        stream.write(burst);
      }
      // A timer of Node would be late by a millisecond, as much as what is measured on an idle core.
      await (rests ? delay(1) : nextTurn());
    }
    await came;
    awaited = Number.POSITIVE_INFINITY;
    return { p50: percentile(times, 0.5), p99: percentile(times, 0.99), p999: percentile(times, 0.999) };
  },
});
