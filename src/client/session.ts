import type { SocketAnswers, SocketMethod, SocketParams } from '../schemas/socket.js';
import { ClientError, errorOf } from './error.js';
import type { ChangeEvent } from './events.js';
import type { Message, Notification, RegistrationNotification, Welcome } from './messages.js';
import { type FramedPacket, readPacketFrame } from './packet-frame.js';
import type { Endpoint } from './transport/endpoint.js';
import { Heartbeat } from './transport/heartbeat.js';
import type { Dial, Loss, Socket } from './transport/socket.js';

/** How long a service may take to open a socket and send its welcome, in milliseconds. */
const WELCOME_TIMEOUT_MS = 10_000;

/** Receives the notifications of a registration. `bytes` is their size on the wire. */
export interface NotificationListener {
  notified(notification: RegistrationNotification, bytes: number): void;
  packetFramed(packet: FramedPacket): void;
}

export interface SessionEvents {
  /** Requests may be made from now on. */
  welcomed(): void;
  changed(change: ChangeEvent, bytes: number): void;
  /** The service stops, and says when to reconnect. */
  goingAway(reconnectAfterMs: number): void;
  /** Called once, as the last event. */
  ended(loss: Loss): void;
}

/** Called before any message after the answer is handled. */
interface Pending {
  readonly answered: (result: never, bytes: number) => void;
  readonly failed: (error: ClientError) => void;
}

/** One socket, from its opening to its loss: requests, answers and notifications. */
export class Session {
  welcome: Welcome | null = null;
  private readonly socket: Socket;
  private readonly pending = new Map<number, Pending>();
  private readonly byId = new Map<string, NotificationListener>();
  private readonly byNumber = new Map<number, NotificationListener>();
  private readonly welcomeTimer: ReturnType<typeof setTimeout>;
  private readonly heartbeat: Heartbeat;
  private lastId = 0;
  private hasEnded = false;
  private isBacklogged = false;
  private isPaused = false;

  constructor(
    dial: Dial,
    endpoint: Endpoint,
    private readonly events: SessionEvents,
  ) {
    this.heartbeat = new Heartbeat({
      ping: () =>
        this.call(
          'ping',
          {},
          () => {},
          () => {},
        ),
      silent: () => this.abandon('no sign of life from the service'),
    });
    this.socket = dial(endpoint, { message: (data) => this.receive(data), closed: (loss) => this.end(loss) });
    // After `dial`, which may throw: without a socket there is nothing to abandon.
    this.welcomeTimer = setTimeout(() => this.abandon('no welcome in time'), WELCOME_TIMEOUT_MS);
  }

  /** `answered` is called before any message after the answer is handled. */
  call<M extends SocketMethod>(
    method: M,
    params: SocketParams[M],
    answered: (answer: SocketAnswers[M], bytes: number) => void,
    failed: (error: ClientError) => void,
  ): void {
    if (this.hasEnded) {
      failed(connectionLost());
      return;
    }
    const text = JSON.stringify({ jsonrpc: '2.0', id: ++this.lastId, method, params });
    const limit = this.welcome?.limits.frame_bytes ?? Number.POSITIVE_INFINITY;
    if (text.length > limit) {
      const detail = `The request is longer than the ${limit} bytes that the service accepts; send less.`;
      failed(new ClientError('payload_too_long', detail, { status: 400 }));
      return;
    }
    this.pending.set(this.lastId, { answered, failed });
    this.updateReading();
    this.socket.send(text);
  }

  /** Gives the listener the notifications with this registration, and the packets with this number. */
  addListener(registration: string, number: number, listener: NotificationListener): void {
    this.byId.set(registration, listener);
    this.byNumber.set(number, listener);
  }

  removeListener(registration: string, number: number): void {
    this.byId.delete(registration);
    this.byNumber.delete(number);
  }

  /** Stops reading while handlers have a backlog, except while a call waits for its answer: a handler may have made it. */
  set backlogged(backlogged: boolean) {
    this.isBacklogged = backlogged;
    this.updateReading();
  }

  /** Ends the registrations, too. */
  close(): void {
    this.backlogged = false;
    this.socket.close();
  }

  /** Drops the connection; registrations can be resumed. */
  abandon(reason: string): void {
    if (this.hasEnded) return;
    this.end({ code: 1006, reason });
    this.socket.abandon();
  }

  private updateReading(): void {
    const pause = this.isBacklogged && this.pending.size === 0 && !this.hasEnded;
    if (pause === this.isPaused) return;
    this.isPaused = pause;
    this.heartbeat.isPaused = pause;
    if (pause) this.socket.pause?.();
    else this.socket.resume?.();
  }

  private receive(data: string | Uint8Array): void {
    if (this.hasEnded) return;
    this.heartbeat.received();
    try {
      if (typeof data === 'string') this.receiveText(JSON.parse(data), data.length);
      else this.receiveFrame(data);
    } catch (error) {
      // Not an error of a handler: those run later.
      this.abandon(`invalid message: ${error}`);
    }
  }

  private receiveFrame(data: Uint8Array): void {
    const { number, packets } = readPacketFrame(data);
    const listener = this.byNumber.get(number);
    for (const packet of packets) listener?.packetFramed(packet);
  }

  private receiveText(message: Message, bytes: number): void {
    if (message.method === undefined) this.settle(message, bytes);
    else this.receiveNotification(message as Notification & Message, bytes);
  }

  private receiveNotification(notification: Notification & Message, bytes: number): void {
    switch (notification.method) {
      case 'welcome':
        clearTimeout(this.welcomeTimer);
        this.welcome = notification.params;
        this.heartbeat.start(notification.params.heartbeat_seconds, notification.params.limits.pong_seconds);
        this.events.welcomed();
        break;
      case 'going_away':
        this.events.goingAway(notification.params.reconnect_after_ms);
        break;
      case 'packet':
      case 'timeout':
      case 'temp_disabled':
      case 'up':
      case 'sync_started':
      case 'sync_ended':
        this.byId.get(notification.params.registration)?.notified(notification, bytes);
        break;
      default: {
        // Handlers get the change without its envelope.
        const { jsonrpc: _, ...change } = notification;
        this.events.changed(change, bytes);
      }
    }
  }

  private settle({ id, result, error }: Message, bytes: number): void {
    const pending = this.pending.get(Number(id));
    if (pending === undefined) return;
    this.pending.delete(Number(id));
    this.updateReading();
    if (error !== undefined) pending.failed(errorOf(error));
    else pending.answered(result as never, bytes);
  }

  private end(loss: Loss): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    clearTimeout(this.welcomeTimer);
    this.heartbeat.stop();
    for (const { failed } of this.pending.values()) failed(connectionLost());
    this.pending.clear();
    this.events.ended(loss);
  }
}

function connectionLost(): ClientError {
  const detail = 'The connection was lost before the answer; the request may or may not have been carried out.';
  return new ClientError('connection_lost', detail);
}
