import type { SocketAnswers, SocketMethod, SocketParams } from '../schemas/socket.js';
import { ClientError, errorOf } from './error.js';
import type { ChangeEvent } from './events.js';
import type { Message, Notification, Told, Welcome } from './messages.js';
import { type FramedPacket, readPacketFrame } from './packet-frame.js';
import type { Endpoint } from './transport/endpoint.js';
import { Heartbeat } from './transport/heartbeat.js';
import type { Dial, Loss, Socket } from './transport/socket.js';

/** What a service may take to open a socket and to say welcome, in milliseconds. */
const WELCOME_MS = 10_000;

/** Who hears the notifications of a registration. `bytes` is what they took on the wire. */
export interface Hearer {
  told(told: Told, bytes: number): void;
  framed(packet: FramedPacket): void;
}

export interface SessionEvents {
  /** From now on requests may be made. */
  welcomed(): void;
  changed(change: ChangeEvent, bytes: number): void;
  /** The service stops: when to come back, in milliseconds. */
  goingAway(reconnectAfterMs: number): void;
  /** Once, and the last of all. */
  ended(loss: Loss): void;
}

/** What is done with an answer, before anything that came behind it is looked at. */
interface Pending {
  readonly answered: (result: never, bytes: number) => void;
  readonly failed: (error: ClientError) => void;
}

/** One socket, from its opening to its loss: requests and answers, and who hears what. */
export class Session {
  welcome: Welcome | null = null;
  private readonly socket: Socket;
  private readonly pending = new Map<number, Pending>();
  private readonly byId = new Map<string, Hearer>();
  private readonly byNumber = new Map<number, Hearer>();
  private readonly welcomeTimer: ReturnType<typeof setTimeout>;
  private readonly heartbeat: Heartbeat;
  private lastId = 0;
  private over = false;
  private handlersBehind = false;
  private paused = false;

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
      silent: () => this.abandon('the service fell silent'),
    });
    this.socket = dial(endpoint, { message: (data) => this.receive(data), closed: (loss) => this.end(loss) });
    // Behind what may throw: without a socket there is nothing to give up.
    this.welcomeTimer = setTimeout(() => this.abandon('no welcome in time'), WELCOME_MS);
  }

  /** `answered` is called before what came behind the answer is looked at. */
  call<M extends SocketMethod>(
    method: M,
    params: SocketParams[M],
    answered: (answer: SocketAnswers[M], bytes: number) => void,
    failed: (error: ClientError) => void,
  ): void {
    if (this.over) {
      failed(lostBeforeAnswer());
      return;
    }
    const text = JSON.stringify({ jsonrpc: '2.0', id: ++this.lastId, method, params });
    const limit = this.welcome?.limits.frame_bytes ?? Number.POSITIVE_INFINITY;
    if (text.length > limit) {
      const detail = `The request has more than ${limit} bytes, which is all that the service takes; send less.`;
      failed(new ClientError('payload_too_long', detail, { status: 400 }));
      return;
    }
    this.pending.set(this.lastId, { answered, failed });
    this.readOn();
    this.socket.send(text);
  }

  /** Notifications of this registration, and packets of this number, go there. */
  carry(registration: string, number: number, hearer: Hearer): void {
    this.byId.set(registration, hearer);
    this.byNumber.set(number, hearer);
  }

  drop(registration: string, number: number): void {
    this.byId.delete(registration);
    this.byNumber.delete(number);
  }

  /** While handlers are behind nothing is read, but for an answer that somebody waits for: perhaps that very handler. */
  set behind(behind: boolean) {
    this.handlersBehind = behind;
    this.readOn();
  }

  /** Says goodbye: what it carried ends. */
  close(): void {
    this.behind = false;
    this.socket.close();
  }

  /** Gives the socket up, whatever it may still have to say; what it carried can be resumed. */
  abandon(reason: string): void {
    if (this.over) return;
    this.end({ code: 1006, reason });
    this.socket.abandon();
  }

  private readOn(): void {
    const pause = this.handlersBehind && this.pending.size === 0 && !this.over;
    if (pause === this.paused) return;
    this.paused = pause;
    this.heartbeat.deaf = pause;
    if (pause) this.socket.pause?.();
    else this.socket.resume?.();
  }

  private receive(data: string | Uint8Array): void {
    if (this.over) return;
    this.heartbeat.heard();
    try {
      if (typeof data === 'string') this.receiveText(JSON.parse(data), data.length);
      else this.receiveFrame(data);
    } catch (error) {
      // Handlers are not called from here: this is a message that is not as it must be.
      this.abandon(`a message that is not of this protocol: ${error}`);
    }
  }

  private receiveFrame(data: Uint8Array): void {
    const { number, packets } = readPacketFrame(data);
    const hearer = this.byNumber.get(number);
    for (const packet of packets) hearer?.framed(packet);
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
        this.byId.get(notification.params.registration)?.told(notification, bytes);
        break;
      default: {
        // A handler is given what happened, and not how it came here.
        const { jsonrpc: _, ...change } = notification;
        this.events.changed(change, bytes);
      }
    }
  }

  private settle({ id, result, error }: Message, bytes: number): void {
    const pending = this.pending.get(Number(id));
    if (pending === undefined) return;
    this.pending.delete(Number(id));
    this.readOn();
    if (error !== undefined) pending.failed(errorOf(error));
    else pending.answered(result as never, bytes);
  }

  private end(loss: Loss): void {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.welcomeTimer);
    this.heartbeat.stop();
    for (const { failed } of this.pending.values()) failed(lostBeforeAnswer());
    this.pending.clear();
    this.events.ended(loss);
  }
}

function lostBeforeAnswer(): ClientError {
  const detail = 'The connection was lost before the answer came; nobody knows whether it was done.';
  return new ClientError('connection_lost', detail);
}
