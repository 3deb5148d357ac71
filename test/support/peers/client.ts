import { connectBy } from '../../../src/client/connect.js';
import type { Client, ConnectOptions, GapEvent, ModuleHandlers, PacketEvent } from '../../../src/client/exports.js';
import { dialFromNode } from '../../../src/client/transport/node-socket.js';
import type { Dial } from '../../../src/client/transport/socket.js';
import { checkFrame } from '../documents/socket-document.js';
import { PendingRequests } from './pending-requests.js';

const clients: Client[] = [];

/** A socket in Node that checks every text frame against docs/asyncapi.yaml. */
const dialChecked: Dial = (endpoint, events) => {
  const pending = new PendingRequests();
  const socket = dialFromNode(endpoint, {
    message: (data) => {
      if (typeof data === 'string') checkFrame(JSON.parse(data), (id) => pending.take(id));
      events.message(data);
    },
    closed: (loss) => events.closed(loss),
  });
  const send = socket.send.bind(socket);
  socket.send = (text) => {
    pending.sent(text);
    send(text);
  };
  return socket;
};

const connect = connectBy(dialChecked);

/** Connects a client that is closed after the test. */
export async function connectClient(url: string, options: ConnectOptions = {}): Promise<Client> {
  return keepClient(await connect(url, options));
}

/** Closes this client after the test, too. */
export function keepClient(client: Client): Client {
  clients.push(client);
  return client;
}

/** Call once at the top of a test file, before services are stopped. */
export function closeClientsAfterEach(): void {
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
  });
}

/** Records events, and lets a test wait for them. */
export class Recorder<T> {
  readonly all: T[] = [];
  private readonly waiting = new Set<() => void>();

  add(one: T): void {
    this.all.push(one);
    for (const wake of this.waiting) wake();
    this.waiting.clear();
  }

  /** Resolves with what `find` finds in the events so far. */
  async until<R>(find: (all: readonly T[]) => R | undefined | false): Promise<R> {
    for (;;) {
      const found = find(this.all);
      if (found !== undefined && found !== false) return found;
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
  }

  /** Resolves with the first events, once there are that many. */
  first(count = 1): Promise<readonly T[]> {
    return this.until((all) => all.length >= count && all.slice(0, count));
  }
}

interface RecordedEvent {
  readonly name: string;
  readonly seq?: number;
  readonly event: unknown;
}

/** A module that records its events. */
export class RecordingModule extends Recorder<RecordedEvent> {
  readonly handlers: ModuleHandlers;

  /** @param work what each handler awaits before it ends */
  constructor(work: (name: string) => unknown = () => {}) {
    super();
    const record = (name: string) => async (event: GapEvent | { readonly seq: number }) => {
      this.add('seq' in event ? { name, seq: event.seq, event } : { name, event });
      await work(name);
    };
    this.handlers = {
      packet: record('packet'),
      timeout: record('timeout'),
      tempDisabled: record('temp_disabled'),
      up: record('up'),
      gap: record('gap'),
    };
  }

  get packets(): readonly PacketEvent[] {
    return this.all.filter(({ name }) => name === 'packet').map(({ event }) => event as PacketEvent);
  }

  /** The `seq` of every event, in order. A gap has none. */
  get seqs(): readonly number[] {
    return this.all.flatMap(({ seq }) => seq ?? []);
  }

  get gaps(): readonly GapEvent[] {
    return this.all.filter(({ name }) => name === 'gap').map(({ event }) => event as GapEvent);
  }

  /** Resolves once there are that many packets. */
  async untilPackets(packets: number): Promise<void> {
    await this.until(() => this.packets.length >= packets);
  }
}
