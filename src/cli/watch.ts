import type { Command } from 'commander';
import { id } from './arguments.js';
import { changeLine, snapshotLine } from './change-line.js';
import type { Host } from './host.js';
import { outputOf } from './output.js';
import { keepClient } from './running.js';
import { targetOf } from './target.js';
import { warnOfUnknownCluster } from './unknown-cluster.js';

/** `clusterer watch`: prints changes as they happen, one line per event; reconnects when the service restarts. */
export function addWatch(program: Command, host: Host): void {
  program
    .command('watch')
    .description('print changes as they happen')
    .option('-c, --cluster <id>', 'only changes in this cluster', id)
    .action(async ({ cluster }: { cluster?: number }, command: Command) => {
      const output = outputOf(command, host);
      const target = targetOf(command);
      await warnOfUnknownCluster(target, cluster, host);
      await keepClient(target, { output, host }, (client) =>
        client.watch(cluster === undefined ? {} : { clusterId: cluster }, {
          snapshot: (snapshot) => output.event({ method: 'snapshot', params: snapshot }, () => snapshotLine(snapshot)),
          change: (change) => output.event(change, () => changeLine(change)),
        }),
      );
    });
}
