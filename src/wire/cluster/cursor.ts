import type { MessageFault, Reason } from './fault.js';

/** Where in a message a reader or writer is, and the first fault that it met. */
export abstract class Cursor {
  private readonly names: string[] = [];
  private first: MessageFault | null = null;

  protected constructor(protected at: number) {}

  get fault(): MessageFault | null {
    return this.first;
  }

  /** Keeps the fault, unless there is one already. */
  fail(fault: Reason): void {
    this.first ??= { fault, field: this.names.join('').replace(/^\./, ''), offset: this.at };
  }

  /** Runs `step` for a part of the message; a fault within it names the part, for example `.nodes` or `[2]`. */
  within<T>(name: string, step: () => T): T {
    this.names.push(name);
    const result = step();
    this.names.pop();
    return result;
  }
}
