import type { Command } from 'commander';
import type { Static } from 'typebox';
import type { ClusterList } from '../schemas/cluster.js';
import { textTable } from '../text/text-table.js';
import type { Host } from './host.js';
import { outputOf } from './output.js';
import { callRest } from './rest.js';
import { targetOf } from './target.js';

/** `clusterer clusters`: the clusters, with the number of machines in each state. */
export function addClusters(program: Command, host: Host): void {
  program
    .command('clusters')
    .description('list the clusters, with the number of machines in each state')
    .action(async (_options: unknown, command: Command) => {
      const answer = await callRest<Static<typeof ClusterList>>(targetOf(command), 'GET', '/clusters');
      const text = () =>
        textTable(
          [
            ['CLUSTER', (cluster) => cluster.cluster_id],
            ['MACHINES', (cluster) => cluster.nodes],
            ['UP', (cluster) => cluster.up],
            ['TEMP_DISABLED', (cluster) => cluster.temp_disabled],
            ['DOWN', (cluster) => cluster.down],
          ],
          answer.clusters,
        );
      await outputOf(command, host).answer(answer, text);
    });
}
