import type { Command } from 'commander';

/** `clusterer serve`: this process becomes the service, as by `npm start`; its variables, signals and exit codes are the service's. */
export function addServe(program: Command): void {
  program
    .command('serve')
    .description('run the service, as npm start does; its variables are in the README')
    .action(async () => {
      // Only now: no other command waits for all that the service is made of.
      await import('../server.js');
    });
}
