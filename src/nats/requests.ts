import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import { type Msg, type NatsConnection, NoRespondersError, RequestError, TimeoutError } from '@nats-io/transport-node';
import { messageOf } from '../ground/message-of.js';
import type { Log } from '../ground/ports.js';

/** Why a request to a replica has no reply. */
export class ReplicaUnreachable extends Error {
  override readonly name = 'ReplicaUnreachable';

  /** @param reason `absent`: it does not run, and has not got the request; `timeout` and `failed`: it may have */
  constructor(
    readonly replica: string,
    readonly reason: 'absent' | 'timeout' | 'failed',
    detail: string,
  ) {
    super(`Replica ${JSON.stringify(replica)} has not replied: ${detail}.`);
  }
}

/** The first byte of a reply. */
const OK = 0;
const FAILED = 1;
const DEFLATED = 2;

/** Longer replies are compressed: in the results of a send to thousands of machines most words are the same, and NATS takes 1 MiB. */
const SHORT_BYTES = 64 * 1024;

/** What a reply may become again. */
const LONGEST_BYTES = 256 * 2 ** 20;

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

export type Handler = (request: Buffer) => Promise<Uint8Array>;

/** Requests from replica to replica, and messages to all of them. Nothing is stored or repeated. */
export class ReplicaRequests {
  constructor(
    private readonly nats: NatsConnection,
    private readonly prefix: string,
    private readonly log: Log,
  ) {}

  /** Handles requests to the replica of that name. @returns a function that ends it */
  serve(name: string, handler: Handler): () => void {
    return this.listen(this.subjectOf(name), (message) => void this.reply(message, handler));
  }

  /** @throws ReplicaUnreachable */
  async request(name: string, bytes: Uint8Array, timeoutMs: number): Promise<Buffer> {
    const reply = await this.send(name, bytes, timeoutMs);
    const content = reply.subarray(1);
    if (reply[0] === FAILED) throw new ReplicaUnreachable(name, 'failed', content.toString());
    return reply[0] === DEFLATED ? inflate(content, { maxOutputLength: LONGEST_BYTES }) : content;
  }

  /** Sends to all replicas that listen to the topic, also to this one. */
  broadcast(topic: string, bytes: Uint8Array): void {
    this.nats.publish(`${this.prefix}.all.${topic}`, bytes);
  }

  /** @returns a function that ends it */
  subscribe(topic: string, listener: (bytes: Buffer) => void): () => void {
    return this.listen(`${this.prefix}.all.${topic}`, ({ data }) => listener(bufferOf(data)));
  }

  private subjectOf(name: string): string {
    return `${this.prefix}.replica.${name}`;
  }

  private listen(subject: string, take: (message: Msg) => void): () => void {
    const subscription = this.nats.subscribe(subject, {
      callback: (error, message) => {
        if (error === null) take(message);
        else this.log.warn({ subject, err: messageOf(error) }, 'Messages of other replicas refused');
      },
    });
    return () => subscription.unsubscribe();
  }

  private async reply(message: Msg, handler: Handler): Promise<void> {
    let reply: Buffer;
    try {
      const content = await handler(bufferOf(message.data));
      const isShort = content.length <= SHORT_BYTES;
      reply = Buffer.concat([Buffer.of(isShort ? OK : DEFLATED), isShort ? content : await deflate(content)]);
      const most = this.nats.info?.max_payload ?? reply.length;
      if (reply.length > most) throw new Error(`the reply has ${reply.length} bytes; NATS takes ${most} (max_payload)`);
    } catch (error) {
      reply = Buffer.concat([Buffer.of(FAILED), Buffer.from(messageOf(error))]);
    }
    message.respond(reply);
  }

  private async send(name: string, bytes: Uint8Array, timeout: number): Promise<Buffer> {
    try {
      return bufferOf((await this.nats.request(this.subjectOf(name), bytes, { timeout })).data);
    } catch (error) {
      if (error instanceof NoRespondersError || (error instanceof RequestError && error.isNoResponders())) {
        throw new ReplicaUnreachable(name, 'absent', 'it is not connected to NATS');
      }
      if (error instanceof TimeoutError) throw new ReplicaUnreachable(name, 'timeout', `waited for ${timeout} ms`);
      throw new ReplicaUnreachable(name, 'failed', messageOf(error));
    }
  }
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
