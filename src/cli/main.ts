#!/usr/bin/env node
import { Command, CommanderError, Option } from 'commander';
import { CLI_VARIABLES } from '../config/cli-variables.js';
import { refuseGarbled } from './arguments.js';
import { addDrain } from './drain.js';
import { EXIT, type Failure, failureOf, lineOf } from './failure.js';
import { addList } from './list.js';
import { addListen } from './listen.js';
import { readerHasGone } from './output.js';
import { addReload } from './reload.js';
import { addSend } from './send.js';
import { addServe } from './serve.js';
import { addStatus } from './status.js';
import { DEFAULT_URL } from './target.js';
import { addToken } from './token.js';
import { addWatch } from './watch.js';

const AFTER_HELP = `
Exit codes: 0 good; 1 the service refused, or it was done in part; 2 wrong usage, or an invalid value; 3 the service cannot be reached.`;

function program(): Command {
  const clusterer = new Command('clusterer')
    .description('Runs the clusterer, or asks one that runs.')
    .addOption(new Option('--url <url>', `where the service is (default: ${DEFAULT_URL})`).env(CLI_VARIABLES.url))
    .addOption(new Option('--token <token>', 'access token; the variable keeps it out of ps').env(CLI_VARIABLES.token))
    .option('--json', 'print JSON: one document, or a line an event')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', AFTER_HELP)
    .configureOutput({
      writeOut: (text) => process.stdout.write(text, helpWritten),
      outputError: (text, write) => write(lineOf({ message: `${text.replace(/^error: /, '').trim()} (see --help)` })),
    })
    .exitOverride();
  for (const add of [addServe, addList, addStatus, addReload, addDrain, addWatch, addSend, addListen, addToken]) {
    add(clusterer);
  }
  return clusterer;
}

async function main(args: readonly string[]): Promise<void> {
  // Without a listener each would end the process with a stack. What failed is told to whoever wrote it.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const clusterer = program();
  try {
    refuseGarbled(args);
    await clusterer.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      // It has been said already; help that was asked for is no fault.
      if (error.exitCode !== 0) process.exitCode = EXIT.usage;
      return;
    }
    fail(failureOf(error, tokenFrom(clusterer)));
  }
}

/** What the token was given with, which nobody is shown; null where there is none. */
function tokenFrom(clusterer: Command): string | null {
  if (!clusterer.opts<{ token?: string }>().token) return null;
  return clusterer.getOptionValueSource('token') === 'env' ? CLI_VARIABLES.token : '--token';
}

/** Whoever closes a pipe has read enough; a full disk is a failure, said once although help is written in parts. */
function helpWritten(error?: Error | null): void {
  if (error && !readerHasGone(error) && process.exitCode === undefined) fail(failureOf(error));
}

function fail(failure: Failure): void {
  process.stderr.write(lineOf(failure));
  process.exitCode = failure.exitCode;
}

void main(process.argv.slice(2));
