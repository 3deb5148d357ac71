import type { Command } from 'commander';
import type { MachineBody } from '../schemas/machine.js';
import { id, integer } from './arguments.js';

export interface MachineOptions {
  readonly description?: string;
  readonly failedAttempts?: number;
  readonly duration?: number;
  readonly priority?: number;
  readonly sipAddr?: string;
}

/** Adds the arguments and options that `add` and `change` share: the machine and the fields of its row. */
export function withMachineOptions(command: Command): Command {
  return command
    .argument('<cluster>', 'cluster id', id)
    .argument('<machine>', 'machine id', id)
    .option('-d, --description <text>', 'description')
    .option('--failed-attempts <number>', 'failed attempts in a row that disable it', integer)
    .option('--duration <seconds>', 'how long it is then disabled', integer)
    .option('--priority <number>', 'priority as a next hop (only in fleets of OpenSIPS 2.4 to 4.0)', integer)
    .option('--sip-addr <address>', 'SIP address (only in fleets of OpenSIPS 2.4 to 4.0)');
}

/** The fields of the row that were given. */
export function machineBody(options: MachineOptions): MachineBody {
  const { description, failedAttempts, duration, priority, sipAddr } = options;
  return {
    ...(description !== undefined && { description }),
    ...(failedAttempts !== undefined && { failed_attempts: failedAttempts }),
    ...(duration !== undefined && { duration }),
    ...(priority !== undefined && { priority }),
    ...(sipAddr !== undefined && { sip_addr: sipAddr }),
  };
}
