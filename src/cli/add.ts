import type { Command } from 'commander';
import type { MachineView } from '../schemas/machine.js';
import { machineTable } from '../text/text-table.js';
import type { Host } from './host.js';
import { type MachineOptions, machineBody, withMachineOptions } from './machine-options.js';
import { outputOf } from './output.js';
import { callRest } from './rest.js';
import { targetOf } from './target.js';

interface Options extends MachineOptions {
  readonly down?: true;
}

/** `clusterer add`: writes a machine to the table. */
export function addAdd(program: Command, host: Host): void {
  withMachineOptions(program.command('add').description('add a machine to the table'))
    .argument('<address>', 'url of the machine: [protocol:]host[:port], such as bin:10.0.0.2:5555')
    .option('--down', 'add it in the state down (default: up)')
    .action(async (cluster: number, machine: number, url: string, options: Options, command: Command) => {
      const state = options.down ? { state: 'down' as const } : {};
      const body = { machine_id: machine, url, ...state, ...machineBody(options) };
      const added = await callRest<MachineView>(targetOf(command), 'POST', `/clusters/${cluster}/machines`, { body });
      const output = outputOf(command, host);
      await output.answer(added, () => machineTable([added], output.paint));
    });
}
