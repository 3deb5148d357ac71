/** Bare JetStream: messages as the log of the replicas has them, published in order and read by an ordered consumer. */
const { jetstream, jetstreamManager } = require('@nats-io/jetstream');
const { connect } = require('@nats-io/transport-node');
const { answerCalls } = require('../support/calls.js');

const STREAM = 'BENCH';
const SUBJECT = 'bench';

/** As the publisher of the log. */
const MOST_OUTSTANDING = 64;

let nats;

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
    const consumer = await jetstream(nats).consumers.get(STREAM);
    const messages = await consumer.consume({ max_messages: 256 });
    let left = count;
    for await (const _ of messages) if (--left === 0) break;
    messages.stop();
  },
});
