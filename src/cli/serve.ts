import type { Command } from 'commander';

/** `clusterer serve`: the process becomes the service, with its variables, signals and exit codes. */
export function addServe(program: Command): void {
  program
    .command('serve')
    .description('run the service, as `npm start` does')
    .action(async () => {
      // Loaded here, so that other commands start without the service's modules.
      await import('../server.js');
    });
}
