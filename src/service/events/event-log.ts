import type { Log } from '../../ground/ports.js';
import { drainView } from '../views/drain-view.js';
import { byField, type Event } from './event.js';

/** Writes the log line of an event. Registrations and provisioning have none: the request has one. */
export function logEvent(log: Log, event: Event): void {
  switch (event.kind) {
    case 'node_state': {
      const { cluster_id, machine_id, machine, from, to, cause, by } = event;
      const fields = { cluster_id, machine_id, from, to, cause, no_tries: machine.noTries, ...byField(by) };
      log.info(fields, 'machine state changed');
      break;
    }
    case 'drain': {
      const { cluster_id, machine_id, to, cause, by } = event;
      const fields = { cluster_id, machine_id, cause };
      if (to === null) log.info({ ...fields, ...byField(by) }, 'drain ended');
      else log.info({ ...fields, ...drainView(to) }, 'machine drained');
      break;
    }
    case 'machine_added':
    case 'machine_changed':
    case 'machine_removed': {
      const { kind, cluster_id, machine_id, machine } = event;
      log.debug({ cluster_id, machine_id, url: machine.url }, kind.replace('_', ' '));
      break;
    }
    case 'reception':
      // Only debug: the module is notified, and thousands may fall silent at once.
      log.debug(event, 'machine reception changed');
      break;
    case 'reload': {
      const { report, by } = event;
      const { skipped, repaired } = report;
      for (const row of skipped) log.warn({ ...row }, 'table row skipped');
      for (const row of repaired) log.warn({ ...row }, 'table row repaired and loaded');
      const counts = { ...report, skipped: skipped.length, repaired: repaired.length };
      log.info({ ...counts, ...byField(by) }, 'table loaded');
      break;
    }
    default:
      break;
  }
}
