/** Machines that packets are sent to, and the module that sends them: throws when a machine misses one or gets it twice. */
const { once } = require('node:events');
const { createServer } = require('node:net');
const { performance } = require('node:perf_hooks');
const { setImmediate: turn } = require('node:timers/promises');
const { answerCalls } = require('../support/calls.js');
const { packet } = require('../support/packets.js');
const { RawSocket } = require('../support/raw-socket.js');

const HEADER_BYTES = 16;
const MODULE = 'ul';
const PAYLOAD_AT = 16 + MODULE.length + 8;

/** Requests that are under way at a time. */
const IN_FLIGHT = 32;

const ANSWER = '{"jsonrpc":"2.0","id":';

const machines = [];
let socket;
let asked = 0;
let answered = 0;
let onAnswer = () => {};

/** A machine reads packets whose payload begins with their count. */
function readPackets(machine, connection) {
  let rest = Buffer.alloc(0);
  connection.on('data', (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (at + 6 <= bytes.length) {
      const end = at + bytes.readUInt16LE(at + 4);
      if (end > bytes.length) break;
      const count = bytes.readUInt32LE(at + PAYLOAD_AT);
      if (count !== machine.received + 1) throw new Error(`after ${machine.received} a machine got ${count}`);
      machine.received = count;
      at = end;
    }
    rest = bytes.subarray(at);
  });
}

function ask(payloadBytes) {
  asked++;
  const frame = packet(MODULE, payloadBytes);
  frame.writeUInt32LE(asked, PAYLOAD_AT);
  const header = Buffer.alloc(HEADER_BYTES);
  header[0] = 2;
  header.writeUInt32LE(asked, 4);
  header.writeUInt32LE(1, 8);
  socket.sendBinary(Buffer.concat([header, frame]));
}

answerCalls({
  /** Answers where the machines listen. */
  listen: async ({ count }) => {
    for (let i = 0; i < count; i++) {
      const machine = { received: 0, host: `127.0.0.${i + 2}`, port: 0 };
      const server = createServer((connection) => readPackets(machine, connection));
      server.listen(0, machine.host);
      await once(server, 'listening');
      machine.port = server.address().port;
      machines.push(machine);
    }
    return machines.map(({ host, port }) => ({ host, port }));
  },
  connect: async ({ http }) => {
    const onText = (buffer, at, length) => {
      const head = buffer.latin1Slice(at, at + Math.min(length, 160));
      if (head.includes('"sent":false') || head.includes('"error"')) throw new Error(head);
      if (!head.startsWith(ANSWER)) return;
      answered++;
      onAnswer();
    };
    socket = await RawSocket.open(`${http.replace('http', 'ws')}/ws`, 'clusterer.v1.bin', {
      onText,
      onBinary: () => {},
    });
  },
  /** So many packets, one after the other, each to every machine. Answers the seconds until all machines have all of them. */
  send: async ({ count, payloadBytes }) => {
    const until = asked + count;
    const started = performance.now();
    await new Promise((resolve) => {
      onAnswer = () => {
        if (asked < until) ask(payloadBytes);
        else if (answered === until) resolve();
      };
      for (let i = 0; i < Math.min(IN_FLIGHT, count); i++) ask(payloadBytes);
    });
    while (machines.some(({ received }) => received < until)) await turn();
    return (performance.now() - started) / 1000;
  },
});
