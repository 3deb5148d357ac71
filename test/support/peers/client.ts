import { connectBy } from '../../../src/client/connect.js';
import type { Client, ConnectOptions, GapEvent, ModuleHandlers, PacketEvent } from '../../../src/client/exports.js';
import { dialFromNode } from '../../../src/client/transport/node-socket.js';
import type { Dial } from '../../../src/client/transport/socket.js';
import { holdFrame } from '../documents/socket-document.js';
import { PendingRequests } from './pending-requests.js';

const clients: Client[] = [];

/** A socket in Node that validates every text with docs/asyncapi.yaml. */
const dialHolding: Dial = (endpoint, events) => {
  const pending = new PendingRequests();
  const socket = dialFromNode(endpoint, {
    message: (data) => {
      if (typeof data === 'string') holdFrame(JSON.parse(data), (id) => pending.take(id));
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

const connect = connectBy(dialHolding);

/** A client that the end of the test closes. */
export async function connectClient(url: string, options: ConnectOptions = {}): Promise<Client> {
  return keepClient(await connect(url, options));
}

/** Closes this client too at the end of the test. */
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

/** A list of events that a test can wait for. */
export class Happenings<T> {
  readonly all: T[] = [];
  private readonly waiting = new Set<() => void>();

  add(one: T): void {
    this.all.push(one);
    for (const wake of this.waiting) wake();
    this.waiting.clear();
  }

  /** Resolves once `find` returns something other than undefined and false. */
  async until<R>(find: (all: readonly T[]) => R | undefined | false): Promise<R> {
    for (;;) {
      const found = find(this.all);
      if (found !== undefined && found !== false) return found;
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
  }

  /** Resolves with the first ones, once there are that many. */
  first(count = 1): Promise<readonly T[]> {
    return this.until((all) => all.length >= count && all.slice(0, count));
  }
}

interface Recording {
  readonly name: string;
  readonly seq?: number;
  readonly event: unknown;
}

/** A module that only records its notifications. */
export class ListeningModule extends Happenings<Recording> {
  readonly handlers: ModuleHandlers;

  /** @param work runs at the end of each handler */
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

  /** Every `seq` in order; a gap has none. */
  get seqs(): readonly number[] {
    return this.all.flatMap(({ seq }) => seq ?? []);
  }

  get gaps(): readonly GapEvent[] {
    return this.all.filter(({ name }) => name === 'gap').map(({ event }) => event as GapEvent);
  }

  /** Resolves after that many packets. */
  async heard(packets: number): Promise<void> {
    await this.until(() => this.packets.length >= packets);
  }
}
