import type { Command } from 'commander';
import { VERSION } from '../process/version.js';
import type { VersionAnswer } from '../schemas/cluster.js';
import type { Host } from './host.js';
import { outputOf } from './output.js';
import { callRest } from './rest.js';
import { targetOf } from './target.js';

/** `clusterer version`: the versions of the command line and of the service. */
export function addVersion(program: Command, host: Host): void {
  program
    .command('version')
    .description('print the versions of the command line and of the service')
    .action(async (_options: unknown, command: Command) => {
      const service = await callRest<VersionAnswer>(targetOf(command), 'GET', '/version');
      const { version, dialects, commit } = service;
      const built = commit === null ? '' : `, commit ${commit}`;
      const lines = [
        `command line  ${VERSION}`,
        `service       ${version}${built}, dialects ${dialects.join(' and ')}`,
      ];
      await outputOf(command, host).answer({ client: { version: VERSION }, service }, () => `${lines.join('\n')}\n`);
    });
}
