import type { Command } from 'commander';
import { id, outputOf } from './arguments.js';
import { changeLine, snapshotLine } from './change-line.js';
import { keepClient } from './running.js';
import { targetOf } from './target.js';
import { warnOfUnknownCluster } from './unknown-cluster.js';

/** `clusterer watch`: what changes, a line an event, over restarts of the service. */
export function addWatch(program: Command): void {
  program
    .command('watch')
    .description('show what changes, as it happens')
    .option('-c, --cluster <id>', 'only in this cluster', id)
    .action(async ({ cluster }: { cluster?: number }, command: Command) => {
      const output = outputOf(command);
      const target = targetOf(command);
      await warnOfUnknownCluster(target, cluster);
      await keepClient(target, output, (client) =>
        client.watch(cluster === undefined ? {} : { clusterId: cluster }, {
          snapshot: (snapshot) => output.event({ method: 'snapshot', params: snapshot }, () => snapshotLine(snapshot)),
          change: (change) => output.event(change, () => changeLine(change)),
        }),
      );
    });
}
