import { jetstreamManager } from '@nats-io/jetstream';
import type { Connection } from '../../../src/nats/connection.js';
import { LogConsumer, type StoredMessage } from '../../../src/nats/consumer.js';
import { MessageOrder } from '../../../src/nats/message-order.js';
import { Publisher } from '../../../src/nats/publisher.js';
import { type LogStream, openStream } from '../../../src/nats/stream.js';
import { systemClock } from '../../../src/process/system-clock.js';
import { closeConnections, connectTo, silentLog, until } from '../../support/nats/connect.js';
import { describeWithNats, NatsServer } from '../../support/nats/nats-server.js';

jest.setTimeout(60_000);

/** Reads the whole log, and keeps the texts of the messages that count. */
class Reader {
  readonly texts: string[] = [];
  readonly messages: StoredMessage[] = [];
  readonly gaps: object[] = [];
  readonly consumer: LogConsumer;
  private readonly order = new MessageOrder();

  constructor(connection: Connection, stream: LogStream, fromSeq = 1) {
    this.consumer = new LogConsumer(connection, {
      stream: stream.name,
      fromSeq,
      deliver: (message) => this.take(message),
      onGap: (gap) => this.gaps.push(gap),
      clock: systemClock,
      log: silentLog,
    });
  }

  private take(message: StoredMessage): void {
    this.messages.push(message);
    if (!this.order.accept(message.incarnation, message.n)) return;
    for (const part of message.parts) this.texts.push(part.toString());
  }
}

describeWithNats('the log on JetStream', () => {
  let server: NatsServer;
  let connection: Connection;
  let stream: LogStream;
  const closers: (() => unknown)[] = [];

  beforeEach(async () => {
    server = await NatsServer.start();
    connection = await connectTo(server);
    stream = await openStream(connection.nats, { prefix: 'test', replicas: 1 });
  });
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
    await closeConnections();
    await server.stop();
  });

  function reader(fromSeq?: number): Reader {
    const created = new Reader(connection, stream, fromSeq);
    closers.push(() => created.consumer.close());
    return created;
  }

  function publisher(limitBytes = 16 * 1024 * 1024): Publisher {
    const created = new Publisher(connection, {
      subject: stream.subject,
      limitBytes,
      clock: systemClock,
      log: silentLog,
    });
    closers.push(() => created.close());
    return created;
  }

  /** Publishes numbers, some in each turn. @returns the numbers as text */
  async function publishNumbers(to: Publisher, count: number, perTurn: number): Promise<string[]> {
    const texts = Array.from({ length: count }, (_, index) => String(index));
    for (let at = 0; at < count; at += perTurn) {
      for (const text of texts.slice(at, at + perTurn)) void to.publish(Buffer.from(text)).catch(() => {});
      await new Promise(setImmediate);
    }
    return texts;
  }

  it('delivers what was published in order, with the time and the sequence of the stream', async () => {
    const { consumer, texts, messages } = reader();
    const one = publisher();
    const seqs = await Promise.all(['a', 'b', 'c'].map((text) => one.publish(Buffer.from(text))));
    expect(seqs).toEqual([1, 1, 1]);
    expect(await one.publish(Buffer.from('d'))).toBe(2);
    await until(() => texts.length === 4);
    expect(texts).toEqual(['a', 'b', 'c', 'd']);
    expect(messages.map(({ seq, n, incarnation }) => [seq, n, incarnation])).toEqual([
      [1, 1, one.incarnationId],
      [2, 2, one.incarnationId],
    ]);
    expect(consumer.nextSeq).toBe(3);
    const age = systemClock.now().unixMs - (messages[0]?.timeMs ?? 0);
    expect(Math.abs(age)).toBeLessThan(60_000);
  });

  it('joins the parts of a turn up to 64 KiB', async () => {
    const { messages } = reader();
    const one = publisher();
    const parts = Array.from({ length: 100 }, () => Buffer.alloc(2_000, 1));
    await Promise.all(parts.map((part) => one.publish(part)));
    await until(() => messages.length === 4);
    expect(messages.map((message) => message.parts.length)).toEqual([32, 32, 32, 4]);
  });

  it('refuses a part that NATS cannot take, and goes on with the next one', async () => {
    const one = publisher();
    await expect(one.publish(Buffer.alloc(1024 * 1024))).rejects.toThrow('max_payload');
    expect(await one.publish(Buffer.from('a'))).toBe(1);
  });

  it('keeps the messages of two publishers in the order of each', async () => {
    const { texts } = reader();
    const [one, two] = [publisher(), publisher()];
    for (let i = 0; i < 500; i++) {
      void one.publish(Buffer.from(`a${i}`));
      void two.publish(Buffer.from(`b${i}`));
      if (i % 7 === 0) await new Promise(setImmediate);
    }
    await until(() => texts.length === 1_000);
    for (const name of ['a', 'b']) {
      expect(texts.filter((text) => text.startsWith(name))).toEqual(
        Array.from({ length: 500 }, (_, i) => `${name}${i}`),
      );
    }
  });

  it('loses nothing and counts nothing twice while the server is killed and restarted', async () => {
    const { texts } = reader();
    const one = publisher();
    const restarts = (async () => {
      for (let i = 0; i < 3; i++) {
        const seen = texts.length;
        await until(() => texts.length > seen + 100);
        await server.kill();
        await server.run();
      }
    })();
    let sent = 0;
    let isDone = false;
    void restarts.finally(() => {
      isDone = true;
    });
    while (!isDone) {
      if (one.isWritable) for (let i = 0; i < 20; i++) void one.publish(Buffer.from(String(sent++))).catch(() => {});
      await new Promise(setImmediate);
    }
    await restarts;
    await one.publish(Buffer.from('last'));
    await until(() => texts.at(-1) === 'last');
    expect(texts.slice(0, -1)).toEqual(Array.from({ length: sent }, (_, i) => String(i)));
  });

  it('is not writable while the server is frozen, and goes on when it is back', async () => {
    const { texts } = reader();
    const one = publisher();
    await one.publish(Buffer.from('0'));
    let writable = 0;
    one.onWritable(() => writable++);
    server.freeze();
    const during = one.publish(Buffer.from('1'));
    await until(() => !one.isWritable);
    expect(connection.disconnectedSince).not.toBeNull();
    server.thaw();
    await during;
    await until(() => one.isWritable && texts.length === 2);
    expect(texts).toEqual(['0', '1']);
    expect(writable).toBeGreaterThan(0);
  });

  it('is not writable above its limit until half of it is stored', async () => {
    const one = publisher(100_000);
    const stored = Array.from({ length: 200 }, () => one.publish(Buffer.alloc(1_000)));
    expect(one.isWritable).toBe(false);
    expect(one.queuedBytes).toBe(200 * 1_004);
    const queued = await new Promise<number>((resolve) => one.onWritable(() => resolve(one.queuedBytes)));
    expect(queued).toBeLessThanOrEqual(50_000);
    await Promise.all(stored);
    expect(one.queuedBytes).toBe(0);
  });

  it('keeps messages while the stream is full, and stores them when there is room', async () => {
    const { texts } = reader();
    const manager = await jetstreamManager(connection.nats);
    await manager.streams.update(stream.name, { max_msgs: 2 });
    const one = publisher();
    const stored = publishNumbers(one, 6, 2);
    await until(() => !one.isWritable);
    expect((await stream.state()).lastSeq).toBe(2);
    await manager.streams.update(stream.name, { max_msgs: -1 });
    await until(() => texts.length === 6);
    expect(texts).toEqual(await stored);
    await until(() => one.isWritable);
  });

  it('waits for a promise before the next message, also with more than it asks for at once', async () => {
    const one = publisher();
    await publishNumbers(one, 3_000, 1);
    await until(() => one.queuedBytes === 0);
    const order: number[] = [];
    let running = 0;
    const consumer = new LogConsumer(connection, {
      stream: stream.name,
      fromSeq: 11,
      deliver: async ({ seq }) => {
        expect(++running).toBe(1);
        await new Promise(setImmediate);
        order.push(seq);
        running--;
      },
      onGap: () => {},
      clock: systemClock,
      log: silentLog,
    });
    closers.push(() => consumer.close());
    const { lastSeq } = await stream.state();
    await until(() => order.at(-1) === lastSeq);
    expect(order).toEqual(Array.from({ length: lastSeq - 10 }, (_, index) => index + 11));
  });

  it('stops when a message is refused, and says why', async () => {
    await publisher().publish(Buffer.from('a'));
    const consumer = new LogConsumer(connection, {
      stream: stream.name,
      fromSeq: 1,
      deliver: () => {
        throw new Error('not understood');
      },
      onGap: () => {},
      clock: systemClock,
      log: silentLog,
    });
    await expect(consumer.stopped).rejects.toThrow('not understood');
  });

  it('reports a gap if the stream no longer has the next message', async () => {
    const one = publisher();
    for (let i = 0; i < 5; i++) await one.publish(Buffer.from(String(i)));
    await stream.purgeBefore(4);
    expect(await stream.state()).toMatchObject({ firstSeq: 4, lastSeq: 5 });
    const { gaps, texts } = reader(2);
    await until(() => gaps.length === 1);
    expect(gaps).toEqual([{ expectedSeq: 2, foundSeq: 4 }]);
    expect(texts).toEqual([]);
  });

  it('reports a gap also if everything was removed', async () => {
    const one = publisher();
    for (let i = 0; i < 5; i++) await one.publish(Buffer.from(String(i)));
    await stream.purgeBefore(6);
    expect(await stream.state()).toMatchObject({ firstSeq: 6, lastSeq: 5 });
    const { gaps } = reader(2);
    await one.publish(Buffer.from('next'));
    await until(() => gaps.length === 1);
    expect(gaps).toEqual([{ expectedSeq: 2, foundSeq: 6 }]);
  });

  it('rejects what is not stored when the publisher is closed', async () => {
    const one = publisher();
    const stored = one.publish(Buffer.from('a'));
    one.close();
    await expect(stored).rejects.toThrow('closed');
    await expect(one.publish(Buffer.from('b'))).rejects.toThrow('closed');
  });
});
