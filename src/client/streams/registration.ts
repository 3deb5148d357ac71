import type { RegisterAnswer, RegisterParams, Resume } from '../../schemas/registration.js';
import { fromBase64 } from '../../wire/base64.js';
import { closedError } from '../error.js';
import type { ModuleHandlers } from '../events.js';
import type { RegistrationNotification } from '../messages.js';
import type { FramedPacket } from '../packet-frame.js';
import type { NotificationListener, Session } from '../session.js';
import { Stream, type StreamOwner } from './stream.js';

/** The request without its resume point. */
export type ModuleRequest = Omit<RegisterParams, 'resume'>;

/** A registration that survives lost connections. Gives every notification to its handler once, in order. */
export class ModuleRegistration extends Stream implements NotificationListener {
  /** The newest answer. */
  private answer: RegisterAnswer | null = null;
  /** The last notification taken. What waits in the queue is not lost with a connection. */
  private seq = 0;
  /** Whether the last notification taken is within a sync. Live packets wait until its end, so all packets within it belong to it. */
  private isSyncing = false;

  constructor(
    private readonly params: ModuleRequest,
    private readonly handlers: ModuleHandlers,
    owner: StreamOwner,
  ) {
    super(owner);
  }

  /** Another one after a gap. */
  get number(): number {
    return this.current.number;
  }

  /** As they were when it was made or last resumed. */
  get machines(): RegisterAnswer['machines'] {
    return this.current.machines;
  }

  /** For `unregister_module`. */
  get id(): string {
    return this.current.registration;
  }

  notified(notification: RegistrationNotification, bytes: number): void {
    const { method } = notification;
    if (!this.accept(notification.params.seq, bytes, () => this.handle(notification))) return;
    if (method === 'sync_started' || method === 'sync_ended') this.isSyncing = method === 'sync_started';
  }

  packetFramed({ seq, cluster_id, ...packet }: FramedPacket): void {
    const { isSyncing } = this;
    this.accept(seq, packet.payload.length, () =>
      this.handlers.packet?.({
        registration: this.id,
        seq,
        cluster_id: cluster_id ?? this.params.cluster_id,
        ...packet,
        protocol: this.params.protocol.toLowerCase(),
        source: null,
        received_at: null,
        ...(isSyncing && { sync: true }),
      }),
    );
  }

  override stop(): Promise<void> {
    if (this.answer !== null) this.session?.removeListener(this.answer.registration, this.answer.number);
    return super.stop();
  }

  protected request(session: Session): void {
    session.call(
      'register_module',
      { ...this.params, ...(this.answer !== null && { resume: this.resumeFrom(this.answer) }) },
      (answer) => this.begin(session, answer),
      (error) => this.failed(error),
    );
  }

  private begin(session: Session, answer: RegisterAnswer): void {
    if (this.hasEnded) {
      // The caller has ended the previous registration, and does not know of this one.
      const ignore = () => {};
      session.call('unregister_module', { registration: answer.registration }, ignore, ignore);
      this.failed(closedError());
      return;
    }
    if (this.answer !== null) session.removeListener(this.answer.registration, this.answer.number);
    session.addListener(answer.registration, answer.number, this);
    if ('resumed' in answer && !answer.resumed) {
      const { reason, missed } = answer;
      this.queue.push(0, () => this.handlers.gap?.({ reason, missed }));
      this.isSyncing = false;
    }
    this.answer = answer;
    this.seq = answer.seq;
    this.answered();
  }

  /** Returns whether the notification is the next one, and taken. */
  private accept(seq: number, bytes: number, run: () => unknown): boolean {
    if (!this.live || seq <= this.seq) return false;
    if (seq > this.seq + 1) {
      this.restart();
      return false;
    }
    const isTaken = this.enqueue(bytes, run);
    if (isTaken) this.seq = seq;
    return isTaken;
  }

  private handle({ method, params }: RegistrationNotification): unknown {
    switch (method) {
      case 'packet': {
        // A service that redacts fields leaves it out of decoded packets.
        const { payload } = params;
        const redacted = payload === undefined && ({ redacted: true } as const);
        return this.handlers.packet?.({ ...params, payload: fromBase64(payload ?? ''), ...redacted });
      }
      case 'timeout':
        return this.handlers.timeout?.(params);
      case 'temp_disabled':
        return this.handlers.tempDisabled?.(params);
      case 'up':
        return this.handlers.up?.(params);
      case 'sync_started':
        return this.handlers.syncStarted?.(params);
      case 'sync_ended':
        return this.handlers.syncEnded?.(params);
    }
  }

  private resumeFrom({ registration, epoch }: RegisterAnswer): Resume {
    return { registration, epoch, seq: this.seq };
  }

  private get current(): RegisterAnswer {
    if (this.answer === null) throw new Error('the registration has no answer yet');
    return this.answer;
  }
}
