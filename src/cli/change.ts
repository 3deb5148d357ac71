import type { Command } from 'commander';
import type { MachineView } from '../schemas/machine.js';
import { machineTable } from '../text/text-table.js';
import type { Host } from './host.js';
import { type MachineOptions, machineBody, withMachineOptions } from './machine-options.js';
import { outputOf } from './output.js';
import { callRest } from './rest.js';
import { targetOf } from './target.js';

interface Options extends MachineOptions {
  readonly address?: string;
}

/** `clusterer change`: changes the given fields of a machine, and leaves the others. */
export function addChange(program: Command, host: Host): void {
  withMachineOptions(program.command('change').description('change fields of a machine in the table'))
    .option('-a, --address <address>', 'url of the machine: [protocol:]host[:port], such as bin:10.0.0.2:5555')
    .action(async (cluster: number, machine: number, options: Options, command: Command) => {
      const { address: url } = options;
      const fields = { ...(url !== undefined && { url }), ...machineBody(options) };
      if (Object.keys(fields).length === 0) command.error('error: name at least one field to change');
      const target = targetOf(command);
      const path = `/clusters/${cluster}/machines/${machine}`;
      // The PUT would create a machine that does not exist.
      await callRest<MachineView>(target, 'GET', path);
      const changed = await callRest<MachineView>(target, 'PUT', path, { body: fields });
      const output = outputOf(command, host);
      await output.answer(changed, () => machineTable([changed], output.paint));
    });
}
