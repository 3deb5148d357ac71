import { Argument, type Command } from 'commander';
import { messageOf } from '../ground/message-of.js';
import { ROLES } from '../schemas/values.js';
import { newToken } from '../security/generate-token.js';
import { EXIT, Failure } from './failure.js';
import type { Host } from './host.js';
import { outputOf } from './output.js';

/** `clusterer token`: generates a token and its entry for the configuration; needs no service. */
export function addToken(program: Command, host: Host): void {
  program
    .command('token')
    .description('generate an access token, and its entry for CLUSTERER_TOKENS')
    .argument('<name>', 'name of the holder')
    .addArgument(new Argument('<role>', 'each role includes the ones before it').choices(ROLES))
    .action(async (name: string, role: string, _options: unknown, command: Command) => {
      const generated = generate(name, role);
      const lines = [
        `token (for ${name} only; not shown again):  ${generated.token}`,
        `entry (for CLUSTERER_TOKENS or its file):  ${generated.entry}`,
      ];
      await outputOf(command, host).answer(generated, () => `${lines.join('\n')}\n`);
    });
}

function generate(name: string, role: string): ReturnType<typeof newToken> {
  try {
    return newToken(name, role);
  } catch (error) {
    throw new Failure(EXIT.usage, messageOf(error));
  }
}
