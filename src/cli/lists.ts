import type { Command } from 'commander';
import { ClientError } from '../client/error.js';
import type { ClusterList } from '../schemas/cluster.js';
import type { CapabilityList, TopologyAnswer } from '../schemas/fleet.js';
import type { ModuleList } from '../schemas/packet.js';
import type { ReplicaList } from '../schemas/replicas.js';
import type { TagList, TagView } from '../schemas/tags.js';
import type { Static } from '../schemas/typebox.js';
import { type Column, textTable } from '../text/text-table.js';
import { id } from './arguments.js';
import { EXIT, Failure } from './failure.js';
import type { Host } from './host.js';
import { outputOf } from './output.js';
import { callRest } from './rest.js';
import { targetOf } from './target.js';

/** A command that prints the answer to a GET as a table. */
interface List<Answer, Row> {
  readonly name: string;
  readonly description: string;
  /** `:cluster` stands for the argument of the command. */
  readonly path: string;
  /** What it means that the service does not have this route. */
  readonly absent?: string;
  rowsOf(answer: Answer): readonly Row[];
  readonly columns: readonly Column<Row>[];
}

/** `clusterer clusters`: the clusters, with the number of machines in each state. */
export const addClusters = list({
  name: 'clusters',
  description: 'list the clusters, with the number of machines in each state',
  path: '/clusters',
  rowsOf: ({ clusters }: Static<typeof ClusterList>) => clusters,
  columns: [
    ['CLUSTER', ({ cluster_id }) => cluster_id],
    ['MACHINES', ({ nodes }) => nodes],
    ['UP', ({ up }) => up],
    ['TEMP_DISABLED', ({ temp_disabled }) => temp_disabled],
    ['DOWN', ({ down }) => down],
  ],
});

/** `clusterer modules`: the registrations of modules. */
export const addModules = list({
  name: 'modules',
  description: 'list the registered modules, and the machines that are disabled for them',
  path: '/modules',
  rowsOf: ({ modules }: Static<typeof ModuleList>) => modules,
  columns: [
    ['NUMBER', ({ number }) => number],
    ['MODULE', ({ module }) => module],
    ['CLUSTER', ({ cluster_id }) => (cluster_id === 0 ? 'every' : cluster_id)],
    ['PROTOCOL', ({ protocol }) => protocol],
    ['CONNECTED', ({ connected }) => yesNo(connected)],
    ['SINCE', ({ since }) => new Date(since).toISOString()],
    ['TIMEOUT', ({ timeout }) => timeout],
    ['AUTH CHECK', ({ auth_check }) => yesNo(auth_check)],
    ['PACKETS', ({ packets }) => packets],
    ['DROPPED', ({ dropped }) => dropped],
    ['UNKNOWN SOURCE', ({ unknown_source }) => unknown_source],
    ['DISABLED MACHINES', ({ machines }) => machines.filter(isDisabled).map(machineOf).join(',')],
  ],
});

/** `clusterer topology`: which machines of a fleet are connected. */
export const addTopology = list({
  name: 'topology',
  description: 'show which machines of a fleet of OpenSIPS 2.4 to 4.0 are connected',
  path: '/clusters/:cluster/topology',
  rowsOf: ({ machines }: TopologyAnswer) => machines,
  columns: [
    ['MACHINE', machineOf],
    ['OWN', ({ own }) => (own ? 'yes' : null)],
    ['NEIGHBOURS', ({ neighbours }) => neighbours.join(',')],
  ],
});

/** `clusterer capabilities`: what the machines of a fleet replicate. */
export const addCapabilities = list({
  name: 'capabilities',
  description: 'list what the machines of a fleet of OpenSIPS 2.4 to 4.0 replicate',
  path: '/clusters/:cluster/capabilities',
  rowsOf: ({ capabilities }: CapabilityList) =>
    capabilities.flatMap(({ name, machines }) => machines.map((machine) => ({ name, ...machine }))),
  columns: [
    ['CAPABILITY', ({ name }) => name],
    ['MACHINE', machineOf],
    ['STATE', ({ state }) => state],
  ],
});

export const tagColumns: readonly Column<TagView>[] = [
  ['TAG', ({ tag }) => tag],
  ['OWNER', ({ owner }) => owner],
  ['MACHINES', ({ machines }) => machines.map(({ machine_id, state }) => `${machine_id}:${state}`).join(',')],
  ['MANAGED', ({ managed }) => yesNo(managed)],
  ['FENCE', ({ fence }) => fence],
  ['FAILOVER', ({ failover }) => failover.join(',')],
  ['AFTER', ({ after_seconds }) => after_seconds],
];

/** `clusterer tags`: the sharing tags of a fleet. */
export const addTags = list({
  name: 'tags',
  description: 'list the sharing tags of a fleet of OpenSIPS 2.4 to 4.0',
  path: '/clusters/:cluster/tags',
  rowsOf: ({ tags }: TagList) => tags,
  columns: tagColumns,
});

/** `clusterer replicas`: the replicas that share a log. */
export const addReplicas = list({
  name: 'replicas',
  description: 'list the replicas that share a log on NATS, and which of them leads',
  path: '/replicas',
  absent: 'This service has no replicas: it runs without CLUSTERER_NATS_URL.',
  rowsOf: ({ replicas }: Static<typeof ReplicaList>) => replicas,
  columns: [
    ['REPLICA', ({ name }) => name],
    ['LEADER', ({ leader }) => yesNo(leader)],
    ['APPLIED', ({ applied_seq }) => applied_seq],
    ['LAG MS', ({ lag_ms }) => lag_ms],
    ['SINCE', ({ since }) => since],
  ],
});

function list<Answer extends object, Row>({ name, description, path, absent, rowsOf, columns }: List<Answer, Row>) {
  return (program: Command, host: Host): void => {
    const command = program.command(name).description(description);
    if (path.includes(':cluster')) command.argument('<cluster>', 'cluster id', id);
    command.action(async () => {
      const [cluster] = command.processedArgs;
      const route = path.replace(':cluster', String(cluster));
      const answer = await callRest<Answer>(targetOf(command), 'GET', route).catch((error: unknown) => {
        const isAbsent = error instanceof ClientError && error.code === 'unknown_route';
        throw isAbsent && absent !== undefined ? new Failure(EXIT.refused, absent) : error;
      });
      await outputOf(command, host).answer(answer, () => textTable(columns, rowsOf(answer)));
    });
  };
}

function machineOf({ machine_id }: { readonly machine_id: number }): number {
  return machine_id;
}

function isDisabled({ reception }: { readonly reception: string }): boolean {
  return reception === 'disabled';
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
