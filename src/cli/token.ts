import { Argument, type Command } from 'commander';
import { ROLES } from '../schemas/caller.js';
import { newToken } from '../security/generate-token.js';
import { outputOf } from './arguments.js';
import { EXIT, Failure } from './failure.js';

/** `clusterer token`: both halves of a new token; asks no service. */
export function addToken(program: Command): void {
  program
    .command('token')
    .description('make an access token, and its entry for CLUSTERER_TOKENS')
    .argument('<name>', 'whose it is')
    .addArgument(new Argument('<role>', 'each may do what those before it may').choices(ROLES))
    .action(async (name: string, role: string, _options: unknown, command: Command) => {
      const made = tokenOf(name, role);
      const shown = [
        `token, for ${name} alone, shown this once:  ${made.token}`,
        `entry, for CLUSTERER_TOKENS or its file:  ${made.entry}`,
      ];
      await outputOf(command).answer(made, () => `${shown.join('\n')}\n`);
    });
}

function tokenOf(name: string, role: string): ReturnType<typeof newToken> {
  try {
    return newToken(name, role);
  } catch (error) {
    throw new Failure(EXIT.usage, error instanceof Error ? error.message : String(error));
  }
}
