import type { Log } from '../../ground/ports.js';
import { drainView } from '../views/drain-view.js';
import { byField, type Event } from './event.js';

const FLEET_LINES = {
  capability: 'capability changed',
  topology: 'links of a machine changed',
  message: 'message received',
} as const;

const OWN_NODE_REMOVED =
  'a machine removed this service from the cluster; nothing is sent there or accepted from there: restart the service to join again, or take the cluster out of CLUSTERER_JOIN';

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
    case 'link': {
      const { cluster_id, machine_id, from, to, settledFrom } = event;
      const fields = { cluster_id, machine_id, from, to };
      if (settledFrom === null) log.debug(fields, 'link changed');
      else log.info({ ...fields, from: settledFrom }, 'link changed');
      break;
    }
    case 'capability':
    case 'topology':
    case 'message': {
      const { kind, ...fields } = event;
      log.debug(fields, FLEET_LINES[kind]);
      break;
    }
    case 'fleet_fault': {
      const { kind, ...fields } = event;
      // Only debug: floods come over every link, and all but the first copy are dropped.
      log.debug(fields, 'message of the cluster dropped');
      break;
    }
    case 'own_node_removed': {
      const { cluster_id } = event;
      log.warn({ cluster_id }, OWN_NODE_REMOVED);
      break;
    }
    case 'tag': {
      const { cluster_id, machine_id, tag, owner, from, managed, fence, reason, by } = event;
      const fields = { cluster_id, machine_id, tag, owner, from, managed, fence, reason, ...byField(by) };
      if (reason === 'announced' || reason === 'lost') log.debug(fields, 'sharing tag changed');
      else log.info(fields, 'sharing tag changed');
      break;
    }
    case 'mi': {
      const { cluster_id, command, machines, by } = event;
      log.info({ cluster_id, command, machines, ...byField(by) }, 'MI command sent to machines');
      break;
    }
    case 'message_sent': {
      const { kind, by, ...fields } = event;
      log.info({ ...fields, ...byField(by) }, 'message sent to machines');
      break;
    }
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
