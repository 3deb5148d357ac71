import type { RegisterAnswer, RegisterParams, Resume } from '../../schemas/registration.js';
import { fromBase64 } from '../base64.js';
import { closedError } from '../error.js';
import type { ModuleHandlers } from '../events.js';
import type { Told } from '../messages.js';
import type { FramedPacket } from '../packet-frame.js';
import type { Hearer, Session } from '../session.js';
import { Stream, type StreamOwner } from './stream.js';

/** What is asked for, but for where to resume. */
export type Asked = Omit<RegisterParams, 'resume'>;

/** A registration that goes on over lost connections; hands every notification to its handler once, in order. */
export class ModuleRegistration extends Stream implements Hearer {
  /** The newest answer. */
  private answer: RegisterAnswer | null = null;
  /** The last notification that was taken: what is in the queue is not lost with a connection. */
  private seq = 0;

  constructor(
    private readonly asked: Asked,
    private readonly handlers: ModuleHandlers,
    owner: StreamOwner,
  ) {
    super(owner);
  }

  /** Stands for it in public; another one after a gap. */
  get number(): number {
    return this.current.number;
  }

  /** Its machines, as they were when it was made or last resumed. */
  get machines(): RegisterAnswer['machines'] {
    return this.current.machines;
  }

  /** What ends it. */
  get id(): string {
    return this.current.registration;
  }

  told(told: Told, bytes: number): void {
    this.hear(told.params.seq, bytes, () => this.handle(told));
  }

  framed({ seq, ...packet }: FramedPacket): void {
    this.hear(seq, packet.payload.length, () => {
      const { protocol, cluster_id } = this.asked;
      return this.handlers.packet?.({
        registration: this.id,
        seq,
        cluster_id,
        ...packet,
        protocol: protocol.toLowerCase(),
        source: null,
        received_at: null,
      });
    });
  }

  override stop(): Promise<void> {
    if (this.answer !== null) this.session?.drop(this.answer.registration, this.answer.number);
    return super.stop();
  }

  protected ask(session: Session): void {
    session.call(
      'register_module',
      { ...this.asked, ...(this.answer !== null && { resume: this.place(this.answer) }) },
      (answer) => this.begin(session, answer),
      (error) => this.failed(error),
    );
  }

  private begin(session: Session, answer: RegisterAnswer): void {
    if (this.over) {
      // Nobody has waited for it: whoever ended it only knew of the one before.
      const ignore = () => {};
      session.call('unregister_module', { registration: answer.registration }, ignore, ignore);
      this.failed(closedError());
      return;
    }
    if (this.answer !== null) session.drop(this.answer.registration, this.answer.number);
    session.carry(answer.registration, answer.number, this);
    if ('resumed' in answer && !answer.resumed) {
      const { reason, missed } = answer;
      this.queue.push(0, () => this.handlers.gap?.({ reason, missed }));
    }
    this.answer = answer;
    this.seq = answer.seq;
    this.answered();
  }

  private hear(seq: number, bytes: number, run: () => unknown): void {
    if (!this.live || seq <= this.seq) return;
    if (seq > this.seq + 1) this.fallBehind();
    else if (this.take(bytes, run)) this.seq = seq;
  }

  private handle({ method, params }: Told): unknown {
    switch (method) {
      case 'packet':
        return this.handlers.packet?.({ ...params, payload: fromBase64(params.payload) });
      case 'timeout':
        return this.handlers.timeout?.(params);
      case 'temp_disabled':
        return this.handlers.tempDisabled?.(params);
      case 'up':
        return this.handlers.up?.(params);
    }
  }

  private place({ registration, epoch }: RegisterAnswer): Resume {
    return { registration, epoch, seq: this.seq };
  }

  private get current(): RegisterAnswer {
    if (this.answer === null) throw new Error('a registration is used before it is made');
    return this.answer;
  }
}
