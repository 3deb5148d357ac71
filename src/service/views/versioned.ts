import { type Expected, type Unmet, unmet, versionOf } from '../../domain/version.js';
import { ServiceError } from '../../ground/errors.js';
import type { Now } from '../../ground/now.js';
import type { MachineView } from '../../schemas/machine.js';
import type { Provisioned } from './provisioned.js';
import { machineView } from './views.js';

/** A machine and its version, which is what an ETag names. */
export interface VersionedMachine {
  readonly view: MachineView;
  readonly version: string;
}

export function versioned(machine: Provisioned, now: Now): VersionedMachine {
  return { view: machineView(machine, now), version: versionOf(machine.machine) };
}

const DETAILS: Readonly<Record<Unmet, string>> = {
  match: 'If-Match does not name the current version of the machine. Read it again and send its ETag.',
  none_match:
    'If-None-Match names the current version of the machine. Read it, and omit the header to change the machine.',
};

/** `precondition_failed`, with the machine as it is now; null: it does not exist. */
export class PreconditionFailed extends ServiceError {
  constructor(
    readonly reason: Unmet,
    readonly current: VersionedMachine | null,
  ) {
    super('precondition_failed', DETAILS[reason], current === null ? {} : { machine: current.view });
  }
}

/** @throws `PreconditionFailed` */
export function checkExpected(expected: Expected | null, machine: Provisioned | null, now: Now): void {
  const reason = expected === null ? null : unmet(expected, machine?.machine ?? null);
  if (reason !== null) throw new PreconditionFailed(reason, machine === null ? null : versioned(machine, now));
}
