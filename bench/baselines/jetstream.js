/** Bare JetStream: messages as the log of the replicas has them, published in order and read by an ordered consumer. */
const { jetstream, jetstreamManager } = require('@nats-io/jetstream');
const { connect } = require('@nats-io/transport-node');
const { setTimeout: delay } = require('node:timers/promises');
const { answerCalls } = require('../support/calls.js');
const { percentile } = require('../support/statistics.js');

const STREAM = 'BENCH';
const SUBJECT = 'bench';

/** As the publisher of the log. */
const MOST_OUTSTANDING = 64;

let nats;

/** The clock that all processes of a machine have in common. */
function nowNanos() {
  return process.hrtime.bigint();
}

async function consume() {
  const consumer = await jetstream(nats).consumers.get(STREAM);
  return consumer.consume({ max_messages: 256 });
}

answerCalls({
  connect: async ({ url }) => {
    nats = await connect({ servers: url });
  },
  create: async () => {
    await (await jetstreamManager(nats)).streams.add({ name: STREAM, subjects: [SUBJECT] });
  },
  publish: async ({ count, bytes }) => {
    const client = jetstream(nats);
    const message = Buffer.alloc(bytes, 'packet');
    const outstanding = [];
    for (let i = 0; i < count; i++) {
      if (outstanding.length === MOST_OUTSTANDING) await outstanding.shift();
      outstanding.push(client.publish(SUBJECT, message));
    }
    await Promise.all(outstanding);
  },
  /** Resolves when it has read so many messages from the start of the stream. */
  read: async ({ count }) => {
    const messages = await consume();
    let left = count;
    for await (const _ of messages) if (--left === 0) break;
    messages.stop();
  },
  /** A message in each millisecond, with the time at which it was due. */
  publishPaced: async ({ count, bytes }) => {
    const client = jetstream(nats);
    const began = nowNanos();
    const outstanding = [];
    while (outstanding.length < count) {
      const due = Math.min(count, Number((nowNanos() - began) / 1_000_000n));
      while (outstanding.length < due) {
        const message = Buffer.alloc(bytes, 'packet');
        message.writeBigInt64BE(began + BigInt(outstanding.length + 1) * 1_000_000n);
        outstanding.push(client.publish(SUBJECT, message));
      }
      await delay(1);
    }
    await Promise.all(outstanding);
  },
  /** Milliseconds from when a message was due to its arrival, without the first messages. */
  readPaced: async ({ skip, count }) => {
    const messages = await consume();
    const times = [];
    let left = skip + count;
    for await (const { data } of messages) {
      const dueNanos = new DataView(data.buffer, data.byteOffset).getBigInt64(0);
      if (left <= count) times.push(Number(nowNanos() - dueNanos) / 1e6);
      if (--left === 0) break;
    }
    messages.stop();
    return { p50: percentile(times, 0.5), p99: percentile(times, 0.99) };
  },
});
