import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import type { Log } from '../ground/ports.js';
import { FixedWindowLimiter } from '../limits/fixed-window.js';
import type { Peer, Rejections } from '../limits/rejections.js';
import { asHttpStatus, type Call, dispatch, PARSE_FAILURE, type Params, parseMessage } from '../rpc/json-rpc.js';
import type { Caller } from '../security/tokens.js';
import type { ClusterService } from '../service/cluster-service.js';
import type { RetentionOptions } from '../service/delivery/retention.js';
import type { OpenSocket } from '../service/events/statistics.js';
import { CLIENT_IS_DONE, CLOSES, type CloseReason, codeOfFault, labelOf } from '../wire/close-codes.js';
import { readSendTo, sendFrame } from './binary.js';
import { ChangeSubscriptions } from './change-subscriptions.js';
import type { FairScheduler } from './fair-scheduler.js';
import { type HeartbeatOptions, startHeartbeat } from './heartbeat.js';
import { LogReader } from './log-reader.js';
import { notification } from './notifications.js';
import { Request, type RequestContext } from './request.js';
import { BINARY_SUBPROTOCOL, TEXT_SUBPROTOCOL } from './subprotocols.js';

export interface SessionOptions extends HeartbeatOptions, Pick<RetentionOptions, 'replaySeconds' | 'replayBytes'> {
  readonly serverId: number;
  readonly version: string;
  readonly wsQueueBytes: number;
  readonly wsMaxRegistrations: number;
  readonly wsMessagesPerSecond: number;
  readonly wsFrameBytes: number;
}

interface Parts {
  readonly peer: Peer;
  readonly rejections: Rejections;
  /** The connection under the socket. */
  readonly stream: Duplex;
  readonly scheduler: FairScheduler;
  readonly service: ClusterService;
  readonly log: Log;
  readonly call: (context: RequestContext, method: string, params: Params) => unknown;
}

/** One socket: its requests, the registrations it carries, and the end of both. */
export class Session implements OpenSocket {
  private readonly reader: LogReader;
  private readonly changes: ChangeSubscriptions;
  private readonly rate: FixedWindowLimiter;
  private readonly binary: boolean;
  private ended = false;
  /** The close code that this side sent; null before. */
  private closedWith: number | null = null;

  constructor(
    private readonly socket: WebSocket,
    readonly caller: Caller,
    private readonly options: SessionOptions,
    private readonly parts: Parts,
  ) {
    this.binary = socket.protocol === BINARY_SUBPROTOCOL;
    this.rate = new FixedWindowLimiter(options.wsMessagesPerSecond, 1_000);
    const { decoder } = parts.service;
    this.reader = new LogReader(socket, parts.stream, parts.scheduler, this.binary, decoder, options.wsQueueBytes, {
      overflow: (why) => this.close('slowConsumer', why),
      replaced: () => this.close('replaced', 'another socket has resumed a registration of this one'),
    });
    this.changes = new ChangeSubscriptions(parts.service, (text) => this.send(text));
    socket.on('message', (data, isBinary) => this.receive(data, isBinary));
    // `ws` closes the socket itself.
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
    return this.reader.waitingBytes;
  }

  /** The service stops: says when to reconnect, and closes. */
  goAway(reconnectAfterMs: number): void {
    this.send(notification('going_away', { reconnect_after_ms: reconnectAfterMs }));
    this.close('goingAway', 'the service is stopping');
  }

  /** The token of the socket is no longer in force. */
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
      this.close('tooManyRequests', `more than ${this.options.wsMessagesPerSecond} messages in one second`);
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
    const request = new Request(
      this.caller,
      this.reader,
      this.changes,
      this.parts.service,
      this.options.wsMaxRegistrations,
    );
    const call = (method: string, params: Params) => {
      // A call in a batch may close the socket; the rest is skipped then.
      return this.ended ? null : this.parts.call(request, method, params);
    };
    void this.respond(message, call, () => request.answered());
  }

  /** A binary `send_to` gets its answer as text. Any other frame gets the answer of an invalid request. */
  private async receiveFrame(frame: Buffer): Promise<void> {
    const request = readSendTo(frame);
    const message = request === null ? null : { jsonrpc: '2.0', id: request.requestId, method: 'send_to' };
    await this.respond(message, () => request && sendFrame(this.parts.service, this.caller, request));
  }

  /** Never rejects: a bug in one answer must not end the process. */
  private async respond(message: unknown, call: Call, onAnswered?: () => void): Promise<void> {
    const onBug = (err: unknown) => this.parts.log.error({ err }, 'WebSocket request failed');
    try {
      const answered = await dispatch(message, call, onBug, (error, method) => {
        this.parts.rejections.reject('ws', error, this.parts.peer, method);
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
    if (this.socket.readyState === this.socket.OPEN) this.reader.write(text);
  }

  /** The close frame follows what is in the socket already; nothing is sent after it. `why` is its reason. */
  private close(reason: CloseReason, why: string): void {
    if (this.ended) return;
    const { code, rejection } = CLOSES[reason];
    this.closedWith = code;
    const { log, peer, rejections } = this.parts;
    const count = rejection && { door: 'ws', reason: rejection, count: rejections.counts.add('ws', rejection) };
    log.info({ code, ...count, ...peer, registrations: this.reader.size }, `socket closed: ${why}`);
    this.socket.close(code, why);
    this.end(false);
  }

  private end(clientIsDone: boolean): void {
    this.ended = true;
    this.reader.isClosed = true;
    this.changes.stopAll();
    const { registrations } = this.parts.service;
    for (const log of this.reader.logs) {
      this.reader.unfollow(log);
      if (clientIsDone) registrations.abandon(log);
      else registrations.release(log);
    }
  }
}
