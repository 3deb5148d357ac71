import type { Reply } from '../../../src/domain/commands.js';
import type { StoredDrain } from '../../../src/domain/drain.js';
import type { Effect } from '../../../src/domain/effects.js';
import type { Machine } from '../../../src/domain/machine.js';
import type { Notification, Registration } from '../../../src/domain/reception.js';
import type { ReceivedRun } from '../../../src/wire/frame-run.js';
import { fleetEffectText } from '../fleet/effect-text.js';

/** A line, and the machine or registration that it is about. */
export interface SubjectText {
  readonly subject: string;
  readonly text: string;
}

/** An effect on one line. Machines read `cluster/machine`, registrations `#number`, times are milliseconds. */
export function effectText(effect: Effect): string {
  switch (effect.type) {
    case 'disconnect':
      return `disconnect ${effect.clusterId}/${effect.machineId}`;
    case 'notify':
      return `notify #${effect.registration.number} ${notificationText(effect.registration, effect.notification)}`;
    case 'unknown_source':
      return `unknown_source #${effect.registration.number} ${runText(effect.run)} (${effect.mismatch})`;
    case 'unclaimed':
      return `unclaimed ${runText(effect.run)}`;
    case 'row_changed':
      return 'row_changed';
    case 'node_state':
      return `node_state ${machineText(effect.machine)} ${effect.from} -> ${effect.to} (${effect.cause})`;
    case 'drain_changed': {
      const { machine, from, cause } = effect;
      return `drain_changed ${machineText(machine)} ${drainText(from)} -> ${drainText(machine.drain)} (${cause})`;
    }
    case 'machine_added':
      return `machine_added ${machineText(effect.machine)} ${effect.machine.state}`;
    case 'machine_changed':
    case 'machine_removed':
      return `${effect.type} ${machineText(effect.machine)}`;
    case 'reception': {
      const { registration, machineId, from, to } = effect;
      return `reception #${registration.number} ${registration.clusterId}/${machineId} ${from} -> ${to}`;
    }
    default:
      return fleetEffectText(effect);
  }
}

/** Each thing that a command returned, on one line, with its subject. */
export function replyTexts(reply: Reply): SubjectText[] {
  if (typeof reply === 'string') return [{ subject: 'unmet', text: `unmet ${reply}` }];
  if (typeof reply === 'boolean') return [{ subject: 'sync', text: `sync ${reply ? 'asked' : 'not asked'}` }];
  if (reply === null) return [];
  if ('added' in reply) {
    const { added, removed, changed } = reply;
    return [{ subject: 'loaded', text: `loaded added=${added} removed=${removed} changed=${changed}` }];
  }
  return reply.map(({ machine, attempt }) => {
    const subject = machineText(machine);
    return { subject, text: `send ${subject} attempt=${attempt}` };
  });
}

/** The subject of an effect. Only effects of one subject have an order that does not depend on how time advances. */
export function effectSubject(effect: Effect): string {
  switch (effect.type) {
    case 'node_state':
    case 'drain_changed':
    case 'machine_added':
    case 'machine_changed':
    case 'machine_removed':
      return machineText(effect.machine);
    case 'disconnect':
      return `${effect.clusterId}/${effect.machineId}`;
    case 'reception':
      return `#${effect.registration.number} ${effect.machineId}`;
    case 'unknown_source':
      return `#${effect.registration.number} ${effect.run.head.machineId}`;
    case 'notify': {
      const { registration, notification } = effect;
      const machineId = notification.type === 'packets' ? notification.run.head.machineId : notification.machineId;
      return `#${registration.number} ${machineId}`;
    }
    default:
      return effect.type;
  }
}

/** A drain in one word, with its times in milliseconds; `none` for null. */
export function drainText(drain: StoredDrain | null): string {
  if (drain === null) return 'none';
  const { reason, until, by, since } = drain;
  return [reason ?? '-', until ?? '-', by ?? '-', since].join('/');
}

function machineText({ clusterId, machineId }: Machine): string {
  return `${clusterId}/${machineId}`;
}

function runText({ head: { module, machineId }, protocol, source }: ReceivedRun): string {
  return `${module} ${protocol} machine=${machineId} source=${source.ip}`;
}

function notificationText({ clusterId }: Registration, notification: Notification): string {
  if (notification.type === 'packets') return `packet ${runText(notification.run)}`;
  const subject = `${notification.type} ${clusterId}/${notification.machineId}`;
  switch (notification.type) {
    case 'timeout':
      return `${subject} silent_for=${notification.silentForMs}`;
    case 'temp_disabled':
      return `${subject} dropped=${notification.dropped} remaining=${notification.remainingMs}`;
    default:
      return subject;
  }
}
