import { Command, CommanderError, Option } from 'commander';
import { CLI_VARIABLES } from '../config/cli-variables.js';
import { VERSION } from '../process/version.js';
import { addAdd } from './add.js';
import { refuseInvalidUtf8 } from './arguments.js';
import { addChange } from './change.js';
import { addCompletion } from './completion.js';
import { addDrain } from './drain.js';
import { EXIT, type Failure, failureOf, lineOf } from './failure.js';
import { addHistory } from './history.js';
import type { Host } from './host.js';
import { addList } from './list.js';
import { addListen } from './listen.js';
import { addCapabilities, addClusters, addModules, addReplicas, addTags, addTopology } from './lists.js';
import { addMessage } from './message.js';
import { addMi } from './mi.js';
import { readerHasGone } from './output.js';
import { addReload } from './reload.js';
import { addRemove } from './remove.js';
import { addSend } from './send.js';
import { addServe } from './serve.js';
import { addStatus } from './status.js';
import { addTag } from './tag.js';
import { DEFAULT_URL } from './target.js';
import { addToken } from './token.js';
import { addVersion } from './version.js';
import { addWatch } from './watch.js';

const COMMANDS = [
  addServe,
  addList,
  addClusters,
  addStatus,
  addDrain,
  addAdd,
  addChange,
  addRemove,
  addReload,
  addWatch,
  addHistory,
  addModules,
  addSend,
  addListen,
  addTopology,
  addCapabilities,
  addTags,
  addTag,
  addMi,
  addMessage,
  addReplicas,
  addToken,
  addVersion,
  addCompletion,
] as const;

const EXIT_CODES = `
Exit codes: 0 success; 1 refused or partially done; 2 usage error or invalid value; 3 service unreachable.`;

/** Runs one command and sets the exit code of its host. */
export async function run(args: readonly string[], host: Host): Promise<void> {
  // Without a listener, an error event of a stream ends the process with a stack trace. Each write reports its own error.
  for (const stream of [host.stdout, host.stderr]) stream.on('error', () => {});
  const fail = (failure: Failure) => {
    host.stderr.write(lineOf(failure));
    host.exitCode = failure.exitCode;
  };
  const clusterer = programFor(host, fail);
  try {
    refuseInvalidUtf8(args);
    await clusterer.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has printed it already. Help that was asked for is not an error.
      if (error.exitCode !== 0) host.exitCode = EXIT.usage;
      return;
    }
    fail(failureOf(error, tokenSource(clusterer)));
  }
}

/** The program with all its commands. @param fail gets a failed write of help */
export function programFor(host: Host, fail: (failure: Failure) => void): Command {
  // Commander writes help in several parts; one failure is reported.
  const helpWritten = (error?: Error | null) => {
    if (error && !readerHasGone(error) && host.exitCode === undefined) fail(failureOf(error));
  };
  const clusterer = new Command('clusterer')
    .description('Runs the Clusterer service, or sends commands to one that is running.')
    .addOption(new Option('--url <url>', `URL of the service (default: ${DEFAULT_URL})`).env(CLI_VARIABLES.url))
    .addOption(new Option('--token <token>', 'access token; `ps` does not show the variable').env(CLI_VARIABLES.token))
    .option('--json', 'print JSON: one document, or one line per event')
    .version(VERSION, '-V, --version', 'print the version of the command line')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', EXIT_CODES)
    .configureOutput({
      writeOut: (text) => host.stdout.write(text, helpWritten),
      writeErr: (text) => host.stderr.write(text),
      outputError: (text, write) => write(lineOf({ message: `${text.replace(/^error: /, '').trim()} (see --help)` })),
    })
    .exitOverride();
  for (const add of COMMANDS) add(clusterer, host);
  return clusterer;
}

/** The option or variable that held the token; null without a token. The token itself is never printed. */
function tokenSource(clusterer: Command): string | null {
  if (!clusterer.opts<{ token?: string }>().token) return null;
  return clusterer.getOptionValueSource('token') === 'env' ? CLI_VARIABLES.token : '--token';
}
