import type { Event } from './event.js';

export type EventSubscriber = (event: Event) => void;

/** Where every event is reported, once; each subscriber gets all of them, in order. */
export class Journal {
  constructor(private readonly subscribers: readonly EventSubscriber[]) {}

  report(event: Event): void {
    for (const subscriber of this.subscribers) subscriber(event);
  }
}
