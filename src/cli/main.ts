#!/usr/bin/env node
import { Command, CommanderError, Option } from 'commander';
import { CLI_VARIABLES } from '../cli-variables.js';
import { refuseGarbled } from './arguments.js';
import { addDrain } from './drain.js';
import { EXIT, failureOf, lineOf } from './failure.js';
import { addList } from './list.js';
import { addListen } from './listen.js';
import { addReload } from './reload.js';
import { addSend } from './send.js';
import { addServe } from './serve.js';
import { addStatus } from './status.js';
import { DEFAULT_URL } from './target.js';
import { addToken } from './token.js';
import { addWatch } from './watch.js';

const AFTER_HELP = `
Exit codes: 0 good; 1 the service refused, or it was done in part; 2 wrong usage; 3 the service cannot be reached.`;

function program(): Command {
  const clusterer = new Command('clusterer')
    .description('Runs the clusterer, or asks one that runs.')
    .addOption(new Option('--url <url>', `where the service is (default: ${DEFAULT_URL})`).env(CLI_VARIABLES.url))
    .addOption(new Option('--token <token>', 'access token; the variable keeps it out of ps').env(CLI_VARIABLES.token))
    .option('--json', 'print JSON: one document, or a line an event')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', AFTER_HELP)
    .configureOutput({
      outputError: (text, write) => write(lineOf({ message: `${text.replace(/^error: /, '').trim()} (see --help)` })),
    })
    .exitOverride();
  for (const add of [addServe, addList, addStatus, addReload, addDrain, addWatch, addSend, addListen, addToken]) {
    add(clusterer);
  }
  return clusterer;
}

async function main(args: readonly string[]): Promise<void> {
  // Whoever closes it has read enough.
  process.stderr.on('error', () => {});
  try {
    refuseGarbled(args);
    await program().parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      // It has been said already; help that was asked for is no fault.
      process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage;
      return;
    }
    const failure = failureOf(error);
    process.stderr.write(lineOf(failure));
    process.exitCode = failure.exitCode;
  }
}

void main(process.argv.slice(2));
