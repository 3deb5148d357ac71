import type { Command } from 'commander';
import type { MessageAnswer } from '../schemas/fleet-calls.js';
import { id } from './arguments.js';
import type { Host } from './host.js';
import { outputOf } from './output.js';
import { callRest } from './rest.js';
import { printResults } from './send-results.js';
import { targetOf } from './target.js';

interface Options {
  readonly tag?: string;
  readonly machine?: number;
  readonly reply?: true;
}

/** `clusterer message`: sends a message to the scripts of the machines of a fleet, or replies to one. */
export function addMessage(program: Command, host: Host): void {
  program
    .command('message')
    .description('send a message to the scripts of the machines of a fleet of OpenSIPS 2.4 to 4.0, or to one')
    .argument('<cluster>', 'cluster id', id)
    .argument('<text>', 'the message')
    .option('--tag <tag>', 'by which replies are recognized (default: a random one)')
    .option('-m, --machine <id>', 'only to this machine (default: to all)', id)
    .option('--reply', 'reply to the message that has this tag')
    .action(async (cluster: number, message: string, { machine, ...options }: Options, command: Command) => {
      if (options.reply === true && options.tag === undefined) command.error("error: option '--reply' requires --tag");
      const body = { message, ...options, ...(machine !== undefined && { machine_id: machine }) };
      const { tag, results } = await callRest<MessageAnswer>(
        targetOf(command),
        'POST',
        `/clusters/${cluster}/messages`,
        { body },
      );
      await printResults(outputOf(command, host), results, { what: 'message', cluster, machine }, { tag });
    });
}
