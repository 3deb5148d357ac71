import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import type { Log } from '../ground/ports.js';
import { Rate } from '../limits/rate.js';
import type { Refusals, Who } from '../limits/rejections.js';
import { asHttpStatus, type Call, dispatch, PARSE_FAILURE, type Params, parseMessage } from '../rpc/json-rpc.js';
import type { Caller } from '../security/tokens.js';
import type { ClusterService } from '../service/cluster-service.js';
import type { ReplayOptions } from '../service/delivery/retention.js';
import type { OpenSocket } from '../service/events/statistics.js';
import { CLIENT_IS_DONE, CLOSES, type CloseReason, codeOfFault, labelOf } from '../wire/close-codes.js';
import { readSendTo, sendFrame } from './binary.js';
import { Watches } from './change-subscriptions.js';
import type { Turns } from './fair-scheduler.js';
import { Feed } from './feed.js';
import { type HeartbeatOptions, startHeartbeat } from './heartbeat.js';
import { notification } from './notifications.js';
import { type Asker, Request } from './request.js';
import { BINARY_SUBPROTOCOL, TEXT_SUBPROTOCOL } from './subprotocols.js';

export interface SessionOptions extends HeartbeatOptions, Pick<ReplayOptions, 'replaySeconds' | 'replayBytes'> {
  readonly serverId: number;
  readonly version: string;
  readonly wsQueueBytes: number;
  readonly wsMaxRegistrations: number;
  readonly wsMessagesPerSecond: number;
  readonly wsFrameBytes: number;
}

interface Parts {
  readonly who: Who;
  readonly refusals: Refusals;
  /** What the socket writes to. */
  readonly stream: Duplex;
  readonly turns: Turns;
  readonly service: ClusterService;
  readonly log: Log;
  readonly call: (asker: Asker, method: string, params: Params) => unknown;
}

/** One socket: its requests, the registrations it carries, and the end of both. */
export class Session implements OpenSocket {
  private readonly feed: Feed;
  private readonly watches: Watches;
  private readonly rate: Rate;
  private readonly binary: boolean;
  private ended = false;
  /** Why this side closed; null while it has not. */
  private closedWith: number | null = null;

  constructor(
    private readonly socket: WebSocket,
    readonly caller: Caller,
    private readonly options: SessionOptions,
    private readonly parts: Parts,
  ) {
    this.binary = socket.protocol === BINARY_SUBPROTOCOL;
    this.rate = new Rate(options.wsMessagesPerSecond);
    this.feed = new Feed(socket, parts.stream, parts.turns, this.binary, options.wsQueueBytes, {
      overflow: (words) => this.close('slowConsumer', words),
      replaced: () => this.close('replaced', 'a registration of this socket was resumed by another'),
    });
    this.watches = new Watches(parts.service, (text) => this.send(text));
    socket.on('message', (data, isBinary) => this.receive(data, isBinary));
    // ws closes by itself then.
    socket.on('error', (error) => {
      this.closedWith ??= codeOfFault(error);
    });
    parts.service.statistics.openSockets.add(this);
    socket.once('close', (code) => {
      parts.service.statistics.openSockets.delete(this);
      parts.service.statistics.socketsClosed.add({ code: labelOf(this.closedWith ?? code) });
      this.end(code === CLIENT_IS_DONE);
    });
    startHeartbeat(socket, options, () => this.close('noPong', 'no pong in time'));
    this.welcome();
  }

  get queueBytes(): number {
    return this.feed.waitingBytes;
  }

  /** The service stops: says when to come back, and closes. */
  goAway(reconnectAfterMs: number): void {
    this.send(notification('going_away', { reconnect_after_ms: reconnectAfterMs }));
    this.close('goingAway', 'the service is stopping');
  }

  /** The token that the socket was opened with is no longer in force. */
  withdraw(): void {
    this.close('tokenWithdrawn', 'the token was withdrawn');
  }

  private welcome(): void {
    const { serverId, version, heartbeatSeconds, ...limits } = this.options;
    this.send(
      notification('welcome', {
        server_id: serverId,
        version,
        epoch: this.parts.service.epoch,
        heartbeat_seconds: heartbeatSeconds,
        limits: {
          frame_bytes: limits.wsFrameBytes,
          queue_bytes: limits.wsQueueBytes,
          registrations: limits.wsMaxRegistrations,
          messages_per_second: limits.wsMessagesPerSecond,
          pong_seconds: limits.pongTimeoutSeconds,
          replay_seconds: limits.replaySeconds,
          replay_bytes: limits.replayBytes,
        },
      }),
    );
  }

  private receive(data: RawData, isBinary: boolean): void {
    if (this.ended) return;
    if (!this.rate.take(performance.now())) {
      this.close('tooManyRequests', `more than ${this.options.wsMessagesPerSecond} messages in a second`);
    } else if (!isBinary) {
      this.receiveText(String(data));
    } else if (this.binary) {
      void this.receiveFrame(data as Buffer);
    } else {
      this.close('notJsonRpc', `${TEXT_SUBPROTOCOL} carries text only`);
    }
  }

  private receiveText(text: string): void {
    const message = parseMessage(text);
    if (message === undefined) {
      this.send(PARSE_FAILURE);
      this.close('notJsonRpc', 'not JSON');
      return;
    }
    const asker = new Request(
      this.caller,
      this.feed,
      this.watches,
      this.parts.service,
      this.options.wsMaxRegistrations,
    );
    const call = (method: string, params: Params) => {
      // The rest of a batch may come to its turn when the socket is gone.
      return this.ended ? null : this.parts.call(asker, method, params);
    };
    void this.respond(message, call, () => asker.answered());
  }

  /** A binary `send_to` is answered in text; a frame that is none, as JSON that is no request. */
  private async receiveFrame(frame: Buffer): Promise<void> {
    const request = readSendTo(frame);
    const message = request === null ? null : { jsonrpc: '2.0', id: request.requestId, method: 'send_to' };
    await this.respond(message, () => request && sendFrame(this.parts.service, this.caller, request));
  }

  /** Never rejects: what goes wrong with one socket's answer must not end the process. */
  private async respond(message: unknown, call: Call, onAnswered?: () => void): Promise<void> {
    const onBug = (err: unknown) => this.parts.log.error({ err }, 'a request on a socket failed');
    try {
      const answered = await dispatch(message, call, onBug, (error, method) => {
        this.parts.refusals.failed('ws', error, this.parts.who, method);
        return asHttpStatus(error);
      });
      if (answered !== null) this.send(answered);
      onAnswered?.();
    } catch (error) {
      onBug(error);
      this.socket.terminate();
    }
  }

  private send(text: string): void {
    if (this.socket.readyState === this.socket.OPEN) this.feed.write(text);
  }

  /** The close waits behind what is in the socket already, and for the client's; nothing more may come to wait. */
  private close(reason: CloseReason, words: string): void {
    if (this.ended) return;
    const { code, rejection } = CLOSES[reason];
    this.closedWith = code;
    const { log, who, refusals } = this.parts;
    const count = rejection && { door: 'ws', reason: rejection, count: refusals.refused.count('ws', rejection) };
    log.info({ code, ...count, ...who, registrations: this.feed.size }, `socket closed: ${words}`);
    this.socket.close(code, words);
    this.end(false);
  }

  private end(clientIsDone: boolean): void {
    this.ended = true;
    this.watches.stopAll();
    const { registrations } = this.parts.service;
    for (const log of this.feed.logs) {
      this.feed.forget(log);
      if (clientIsDone) registrations.unregister(log);
      else registrations.release(log);
    }
  }
}
