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

interface Parts {
  readonly service: ClusterService;
  readonly log: Log;
  readonly call: (session: Session, method: string, params: Params) => unknown;
}

/** One socket: its requests, the registrations it carries, and the end of both. */
export class Session {
  private readonly feed: Feed;

  constructor(
    private readonly socket: WebSocket,
    readonly caller: Caller,
    private readonly options: SessionOptions,
    private readonly parts: Parts,
  ) {
    this.feed = new Feed(socket, options, () => this.closeAsSlow());
    socket.on('message', (data, isBinary) => this.receive(data, isBinary));
    socket.once('close', () => this.end());
    startHeartbeat(socket, options, () => this.closeAsSilent());
    this.welcome();
  }

  /** Sends what the registration is told from now on, behind the answer that is being made. */
  follow(log: RegistrationLog): void {
    this.feed.follow(log, log.seq);
  }

  /** @throws `unknown_registration` when this socket does not hold it, whoever else may */
  unregister(id: string): void {
    const log = [...this.feed.logs].find((one) => one.id === id);
    if (log === undefined) throw new ServiceError('unknown_registration', 'This socket holds no such registration.');
    this.feed.forget(log);
    this.parts.service.registrations.unregister(log);
  }

  /** The service stops: says when to come back, and closes. */
  goAway(reconnectAfterMs: number): void {
    this.send(notification('going_away', { reconnect_after_ms: reconnectAfterMs }));
    this.socket.close(CLOSE.goingAway, 'the service is stopping');
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
    if (isBinary) {
      this.socket.close(CLOSE.notJsonRpc, 'clusterer.v1 carries text only');
      return;
    }
    const message = parse(String(data));
    if (message === undefined) {
      this.send(JSON.stringify(failure(null, PARSE_ERROR)));
      this.socket.close(CLOSE.notJsonRpc, 'not JSON');
      return;
    }
    void this.respond(message.value);
  }

  private async respond(message: unknown): Promise<void> {
    const call = (method: string, params: Params) => this.parts.call(this, method, params);
    const onBug = (err: unknown) => this.parts.log.error({ err }, 'a request on a socket failed');
    const answered = await answer(message, call, onBug);
    if (answered !== null) this.send(JSON.stringify(answered));
  }

  private send(text: string): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    this.socket.send(text);
    if (this.socket.bufferedAmount > this.options.wsQueueBytes) this.closeAsSlow();
  }

  private closeAsSlow(): void {
    const { wsQueueBytes } = this.options;
    this.parts.log.warn({ queue_bytes: wsQueueBytes }, 'socket closed: it reads slower than it is sent to');
    // The close waits behind what is in the socket already; nothing more may come to wait.
    this.socket.close(CLOSE.slowConsumer, `more than ${wsQueueBytes} bytes waited for this socket`);
    this.end();
  }

  private closeAsSilent(): void {
    this.parts.log.warn({}, 'socket closed: no pong in time');
    this.socket.close(CLOSE.noPong, 'no pong in time');
  }

  private end(): void {
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
