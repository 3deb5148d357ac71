import type { MachineUrl } from '../wire/machine-url.js';
import type { LoadedMachine } from './commands.js';
import { DEFAULT_PRIORITY, type Member } from './fleet/member.js';
import { isLearned, type Machine, NO_ROW } from './machine.js';
import { sameIps } from './machine-comparison.js';

/** A machine of the table is a member of its fleet, and a member without a row becomes a machine of the table. */

export type Described = Pick<Machine, 'url' | 'failedAttempts' | 'fleet'>;

/** What daemons are told of a machine, the own node included. */
export function descriptionOf({ url, failedAttempts, fleet }: Described) {
  return {
    url,
    sipAddress: fleet?.sipAddress ?? '',
    priority: fleet?.priority ?? DEFAULT_PRIORITY,
    pingRetries: failedAttempts,
  };
}

/** A machine of the table, as its fleet sees it. */
export function memberOf(machine: Machine): Member {
  const { machineId, ips, state } = machine;
  return { ...descriptionOf(machine), machineId, ips, isEnabled: state !== 'down', isLearned: isLearned(machine) };
}

export function sameMember(a: Member, b: Member): boolean {
  return (
    a.url === b.url &&
    a.sipAddress === b.sipAddress &&
    a.priority === b.priority &&
    a.pingRetries === b.pingRetries &&
    a.isEnabled === b.isEnabled &&
    a.isLearned === b.isLearned &&
    sameIps(a.ips, b.ips)
  );
}

/** A member without a row (J3), as a row. @param url its url, parsed */
export function learnedRow(
  clusterId: number,
  member: Member,
  url: MachineUrl,
  durationMs: number,
  drain: LoadedMachine['drain'],
): LoadedMachine {
  return {
    clustererId: NO_ROW,
    clusterId,
    machineId: member.machineId,
    url: member.url,
    protocol: url.protocol,
    host: url.host,
    port: url.port,
    ip: member.ips[0] ?? null,
    ips: member.ips,
    description: null,
    failedAttempts: member.pingRetries,
    durationMs,
    state: 'up',
    noTries: 0,
    lastAttempt: 0,
    drain,
    fleet: { priority: member.priority, sipAddress: member.sipAddress || null },
    keepsAttempts: false,
  };
}
