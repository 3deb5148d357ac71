import type { EngineLoop } from '../engine-loop.js';
import type { ReportedEvent } from './event.js';
import type { Journal } from './journal.js';

/** Reports what calls have done, through the log: the journal of every replica gets it. */
export class Reports {
  constructor(
    private readonly loop: EngineLoop,
    journal: Journal,
  ) {
    loop.reported = (event) => journal.report(event as ReportedEvent);
  }

  report(event: ReportedEvent): void {
    this.loop.post({ type: 'report', event });
  }
}
