import { Argument, type Command } from 'commander';
import { bashCompletion } from './completion-bash.js';
import { fishCompletion } from './completion-fish.js';
import type { Host } from './host.js';
import { outputOf } from './output.js';

const SHELLS: Readonly<Record<string, (program: Command) => string>> = {
  bash: bashCompletion,
  // Its own emulation runs the functions of bash.
  zsh: (program) =>
    `autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n${bashCompletion(program)}`,
  fish: fishCompletion,
};

/** `clusterer completion`: a script that completes commands, options and their values; needs no service. */
export function addCompletion(program: Command, host: Host): void {
  program
    .command('completion')
    .description('print a script that completes commands in a shell')
    .addArgument(new Argument('<shell>', 'shell that reads the script').choices(Object.keys(SHELLS)))
    .action(async (shell: string, _options: unknown, command: Command) => {
      const script = SHELLS[shell]?.(program) ?? '';
      await outputOf(command, host).answer({ shell, script }, () => script);
    });
}
