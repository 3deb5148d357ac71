import type { RawData, WebSocket } from 'ws';
import type { Caller } from '../access.js';
import { ServiceError } from '../errors.js';
import { answer, failure, PARSE_ERROR, type Params } from '../rpc/json-rpc.js';
import type { ClusterService } from '../service/cluster-service.js';
import type { Log } from '../service/ports.js';
import type { RegistrationLog } from '../service/registration-log.js';
import { CLOSE } from './close-codes.js';
import { Feed } from './feed.js';
import { type HeartbeatOptions, startHeartbeat } from './heartbeat.js';
import { notification } from './notifications.js';

/** The largest frame a client may send, in bytes. */
export const FRAME_BYTES = 2 ** 20;

export interface SessionOptions extends HeartbeatOptions {
  readonly serverId: number;
  readonly version: string;
  readonly wsQueueBytes: number;
}

/** Who asks, and what a request may do to the socket it came by. */
export interface Asker {
  readonly caller: Caller;
  /** Sends what the registration is told from now on, behind the answer that is being made. */
  follow(log: RegistrationLog): void;
  /** @throws `unknown_registration` when this socket does not hold it, whoever else may */
  unregister(id: string): void;
}

interface Parts {
  readonly service: ClusterService;
  readonly log: Log;
  readonly call: (asker: Asker, method: string, params: Params) => unknown;
}

/** One socket: its requests, the registrations it carries, and the end of both. */
export class Session {
  private readonly feed: Feed;
  private ended = false;

  constructor(
    private readonly socket: WebSocket,
    private readonly caller: Caller,
    private readonly options: SessionOptions,
    private readonly parts: Parts,
  ) {
    this.feed = new Feed(socket, options, () => this.closeAsSlow());
    socket.on('message', (data, isBinary) => this.receive(data, isBinary));
    socket.once('close', () => this.end());
    startHeartbeat(socket, options, () => this.closeAsSilent());
    this.welcome();
  }

  /** The service stops: says when to come back, and closes. */
  goAway(reconnectAfterMs: number): void {
    this.send(notification('going_away', { reconnect_after_ms: reconnectAfterMs }));
    this.close(CLOSE.goingAway, 'the service is stopping');
  }

  private welcome(): void {
    const { serverId, version, heartbeatSeconds, wsQueueBytes } = this.options;
    const { epoch } = this.parts.service;
    const limits = { frame_bytes: FRAME_BYTES, queue_bytes: wsQueueBytes };
    this.send(
      notification('welcome', { server_id: serverId, version, epoch, heartbeat_seconds: heartbeatSeconds, limits }),
    );
  }

  private receive(data: RawData, isBinary: boolean): void {
    if (this.ended) return;
    if (isBinary) {
      this.close(CLOSE.notJsonRpc, 'clusterer.v1 carries text only');
      return;
    }
    const message = parse(String(data));
    if (message === undefined) {
      this.send(JSON.stringify(failure(null, PARSE_ERROR)));
      this.close(CLOSE.notJsonRpc, 'not JSON');
      return;
    }
    void this.respond(message.value);
  }

  private async respond(message: unknown): Promise<void> {
    const registered: RegistrationLog[] = [];
    const asker: Asker = {
      caller: this.caller,
      follow: (log) => {
        registered.push(log);
        this.follow(log);
      },
      unregister: (id) => this.unregister(id),
    };
    const call = (method: string, params: Params) => this.parts.call(asker, method, params);
    const onBug = (err: unknown) => this.parts.log.error({ err }, 'a request on a socket failed');
    const answered = await answer(message, call, onBug);
    if (answered !== null) this.send(JSON.stringify(answered));
    for (const log of registered) this.feed.announced(log);
  }

  private follow(log: RegistrationLog): void {
    // The rest of a batch may come to its turn when the socket is gone.
    if (this.ended) this.parts.service.registrations.unregister(log);
    else this.feed.follow(log, log.seq);
  }

  private unregister(id: string): void {
    const log = [...this.feed.logs].find((one) => one.id === id);
    if (log === undefined) throw new ServiceError('unknown_registration', 'This socket holds no such registration.');
    this.feed.forget(log);
    this.parts.service.registrations.unregister(log);
  }

  /** One answer, however long, may always wait. */
  private send(text: string): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    if (this.socket.bufferedAmount > this.options.wsQueueBytes) this.closeAsSlow();
    else this.feed.write(text);
  }

  private closeAsSlow(): void {
    if (this.ended) return;
    const { wsQueueBytes } = this.options;
    this.parts.log.warn({ queue_bytes: wsQueueBytes }, 'socket closed: it reads slower than it is sent to');
    this.close(CLOSE.slowConsumer, `more than ${wsQueueBytes} bytes waited for this socket`);
  }

  private closeAsSilent(): void {
    if (this.ended) return;
    this.parts.log.warn({}, 'socket closed: no pong in time');
    this.close(CLOSE.noPong, 'no pong in time');
  }

  /** The close waits behind what is in the socket already, and for the client's; nothing more may come to wait. */
  private close(code: number, reason: string): void {
    this.socket.close(code, reason);
    this.end();
  }

  private end(): void {
    this.ended = true;
    for (const log of this.feed.logs) {
      this.feed.forget(log);
      this.parts.service.registrations.unregister(log);
    }
  }
}

/** Wrapped, since `null` and `undefined` have meanings of their own. */
function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
