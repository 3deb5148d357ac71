import { jetstreamManager } from '@nats-io/jetstream';
import { openBucket } from '../../../src/nats/bucket.js';
import type { Connection } from '../../../src/nats/connection.js';
import { LogConsumer } from '../../../src/nats/consumer.js';
import { LEASE_MS, Lease } from '../../../src/nats/lease.js';
import { MessageOrder } from '../../../src/nats/message-order.js';
import { answered } from '../../../src/nats/opening.js';
import { Publisher } from '../../../src/nats/publisher.js';
import { type LogStream, openStream } from '../../../src/nats/stream.js';
import { systemClock } from '../../../src/process/system-clock.js';
import { closeConnections, connectTo, silentLog, until } from '../../support/nats/connect.js';
import { describeWithNats, NatsServer } from '../../support/nats/nats-server.js';
import { freePort } from '../../support/service/free-port.js';

jest.setTimeout(120_000);

describeWithNats('the log on three servers of NATS', () => {
  const servers = new Map<string, NatsServer>();
  let connection: Connection;
  let stream: LogStream;

  beforeAll(async () => {
    const names = ['a', 'b', 'c'];
    const ports = await Promise.all(names.map(() => freePort()));
    const routes = ports.map((port) => `nats://127.0.0.1:${port}`);
    for (const [index, name] of names.entries()) {
      const place = ['--name', name, '--cluster_name', 'test', '--cluster', routes[index] ?? ''];
      servers.set(name, await NatsServer.start([...place, '--routes', routes.join(',')]));
    }
    connection = await connect();
    // The servers elect a leader first.
    await until(async () => {
      const opened = await openStream(connection.nats, { prefix: 'test', replicas: 3 }).catch(() => null);
      if (opened !== null) stream = opened;
      return opened !== null;
    });
  });
  afterAll(async () => {
    await closeConnections();
    for (const server of servers.values()) await server.stop();
  });

  function connect(): Promise<Connection> {
    const [first, ...others] = [...servers.values()];
    if (first === undefined) throw new Error('There is no server.');
    return connectTo(first, { servers: [first, ...others].map(({ url }) => url) });
  }

  /** After a restart of a server, the servers may elect a leader before they answer. */
  const ask = <T>(question: () => Promise<T>): Promise<T> => answered(systemClock, question);

  function streamLeader(): Promise<string | undefined> {
    return ask(async () => {
      const manager = await jetstreamManager(connection.nats);
      return (await manager.streams.info(stream.name)).cluster?.leader;
    });
  }

  it('loses nothing and counts nothing twice when the leader of the stream is killed', async () => {
    const { epoch } = await stream.state();
    const order = new MessageOrder();
    const texts: string[] = [];
    const reader = new LogConsumer(await connect(), {
      stream: stream.name,
      fromSeq: 1,
      deliver: ({ incarnation, n, parts }) => {
        if (order.accept(incarnation, n)) texts.push(...parts.map(String));
      },
      onGap: (gap) => texts.push(JSON.stringify(gap)),
      clock: systemClock,
      log: silentLog,
    });
    const options = { subject: stream.subject, limitBytes: 1_000_000, clock: systemClock, log: silentLog };
    const publisher = new Publisher(connection, options);
    let sent = 0;
    let isDone = false;
    const faults = (async () => {
      await until(() => texts.length > 100);
      const leader = servers.get((await streamLeader()) ?? '');
      expect(leader).toBeDefined();
      await leader?.kill();
      const seen = sent;
      await until(() => texts.length > seen + 100);
      await leader?.run();
    })().finally(() => {
      isDone = true;
    });
    while (!isDone) {
      // A bounded number on their way: a flood would take the processor from the servers.
      while (publisher.isWritable && sent - texts.length < 500) void publisher.publish(Buffer.from(String(sent++)));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await faults;
    await publisher.publish(Buffer.from('last'));
    await until(() => texts.at(-1) === 'last');
    expect(texts.slice(0, -1)).toEqual(Array.from({ length: sent }, (_, i) => String(i)));
    expect((await stream.state()).epoch).toBe(epoch);
    publisher.close();
    await reader.close();
  });

  it('is read on when the server is killed that serves the reader', async () => {
    const { lastSeq } = await stream.state();
    const read: number[] = [];
    const reader = new LogConsumer(await connect(), {
      stream: stream.name,
      fromSeq: lastSeq + 1,
      deliver: ({ seq }) => void read.push(seq),
      onGap: (gap) => expect(gap).toBeNull(),
      clock: systemClock,
      log: silentLog,
    });
    const publisher = new Publisher(connection, {
      subject: stream.subject,
      limitBytes: 1_000_000,
      clock: systemClock,
      log: silentLog,
    });
    await publisher.publish(Buffer.from('before'));
    await until(() => read.length === 1);
    const manager = await jetstreamManager(connection.nats);
    const [consumer] = await manager.consumers.list(stream.name).next();
    const serving = servers.get(consumer?.cluster?.leader ?? '');
    expect(serving).toBeDefined();
    await serving?.kill();
    const last = await publisher.publish(Buffer.from('after'));
    await until(() => read.at(-1) === last);
    await serving?.run();
    publisher.close();
    await reader.close();
  });

  it('has one leader of the replicas at every instant, also while a server is killed', async () => {
    const open = ({ nats }: Connection) =>
      ask(() => openBucket(nats, { name: 'test_lease', maxAgeMs: LEASE_MS, replicas: 3 }));
    const leases: Lease[] = [];
    const held = () => leases.filter((lease) => lease.isHeld()).length;
    let most = 0;
    for (const name of ['one', 'two', 'three']) {
      const lease = new Lease(await open(await connect()), name, systemClock, silentLog);
      leases.push(lease);
      lease.onChange(() => {
        most = Math.max(most, held());
      });
      lease.start();
    }
    await until(() => held() === 1);
    const bucket = await open(await connect());
    const revision = async () => (await bucket.get('leader').catch(() => null))?.revision ?? 0;
    for (const server of servers.values()) {
      const before = await revision();
      await server.kill();
      // It was renewed, or taken, without that server.
      await until(async () => held() === 1 && (await revision()) > before + 1);
      await server.run();
    }
    expect(most).toBe(1);
    for (const lease of leases) await lease.release();
  });
});
