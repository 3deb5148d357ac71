import { Histogram, type Registry } from 'prom-client';
import type { RejectionCounts } from '../limits/rejection-counts.js';
import type { ClusterService } from '../service/cluster-service.js';
import type { Replica } from '../service/replicas/port.js';
import { STATE_NUMBERS } from '../service/table/machine-rows.js';
import type { Webhooks } from '../service/webhooks/webhooks.js';
import { addFleets } from './fleet-metrics.js';
import { addReplica } from './replica-metrics.js';
import { type Sample, sampledCounter, sampledGauge, samples } from './sampled.js';
import { addWebhooks } from './webhook-metrics.js';

/** Seconds: a batch takes a few milliseconds on SQLite, and up to the timeout of 10 s while the database is unreachable. */
const FLUSH_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface Sources {
  readonly service: ClusterService;
  readonly rejectionCounts: RejectionCounts;
  /** Number of machines with a series of their own: the first ones by cluster and machine id. */
  readonly metricsMachines: number;
  readonly version: string;
  /** Empty: unknown. */
  readonly commit: string;
  /** Null: a single process. */
  readonly replica: Replica | null;
  /** Null: none is configured. */
  readonly webhooks: Webhooks | null;
}

/** The response of `/metrics`. Values are read from the service at each scrape, so that they cost nothing in between. */
export class Metrics {
  private readonly flushes: Histogram;

  constructor(
    private readonly registry: Registry,
    sources: Sources,
  ) {
    this.flushes = new Histogram({
      name: 'clusterer_db_flush_seconds',
      help: 'Duration of writing changed rows, in seconds, including failed writes',
      buckets: FLUSH_BUCKETS,
      registers: [registry],
    });
    addBuild(registry, sources);
    addMachines(registry, sources);
    addFleets(registry, sources.service);
    addPackets(registry, sources);
    addSockets(registry, sources);
    addTable(registry, sources);
    if (sources.replica !== null) addReplica(registry, sources.replica);
    addWebhooks(registry, sources.webhooks);
  }

  flushed(seconds: number): void {
    this.flushes.observe(seconds);
  }

  async scrape(): Promise<{ readonly contentType: string; readonly text: string }> {
    return { contentType: this.registry.contentType, text: await this.registry.metrics() };
  }
}

function addBuild(registry: Registry, { version, commit }: Sources): void {
  const help = 'Always 1; its labels are the version of the service and the commit it was built from, empty if unknown';
  const info = { name: 'clusterer_build_info', help, labels: ['version', 'commit'] };
  sampledGauge(registry, info, () => [[1, { version, commit }]]);
}

function addMachines(registry: Registry, { service, metricsMachines }: Sources): void {
  const sum = (field: 'nodes' | 'up' | 'down' | 'temp_disabled'): Sample[] => [
    [service.queries.clusters().reduce((total, cluster) => total + cluster[field], 0)],
  ];
  const nodes = { name: 'clusterer_nodes', help: 'Machines of all loaded clusters, without the own row' };
  sampledGauge(registry, nodes, () => sum('nodes'));
  for (const state of ['up', 'down', 'temp_disabled'] as const) {
    sampledGauge(registry, { name: `clusterer_nodes_${state}`, help: `Machines in the state ${state}` }, () =>
      sum(state),
    );
  }
  const drained = { name: 'clusterer_nodes_drained', help: 'Machines with a drain in force; all of them are down' };
  sampledGauge(registry, drained, () => [[service.queries.drained()]]);
  sampledGauge(
    registry,
    {
      name: 'clusterer_node_state',
      help: 'State of a machine: 0 down, 1 up, 2 temp_disabled; the first CLUSTERER_METRICS_MACHINES machines only',
      labels: ['cluster_id', 'machine_id'],
    },
    () => nodeStates(service, metricsMachines),
  );
  sampledCounter(
    registry,
    {
      name: 'clusterer_state_transitions_total',
      help: 'State changes of machines, by cause',
      labels: ['from', 'to', 'cause'],
    },
    () => samples(service.statistics.transitions.all()),
  );
}

function* nodeStates(service: ClusterService, most: number): Generator<Sample> {
  let left = most;
  for (const { clusterId, machineId, state } of service.queries.states()) {
    if (left-- <= 0) return;
    yield [STATE_NUMBERS[state], { cluster_id: clusterId, machine_id: machineId }];
  }
}

function addPackets(registry: Registry, { service }: Sources): void {
  sampledCounter(
    registry,
    {
      name: 'clusterer_packets_received_total',
      help: 'Received packets, counted once per registration: delivered, dropped (the machine was disabled for it), unknown_source; unclaimed: no registration, module="other"',
      labels: ['module', 'result'],
    },
    function* () {
      for (const { count, module, result } of service.packetCounts()) yield [count, { module, result }];
    },
  );
  sampledCounter(
    registry,
    {
      name: 'clusterer_packets_sent_total',
      help: 'Outgoing packets, counted once per machine: sent (accepted by the kernel), or the error',
      labels: ['result'],
    },
    () => samples(service.statistics.packetsSent.all()),
  );
  const decoded = {
    name: 'clusterer_packets_decoded_total',
    help: 'Packets that were decoded, or did not fit, for registrations with decode: once for all of them',
  };
  sampledCounter(registry, decoded, () => [[service.decoder.count]]);
  sampledGauge(
    registry,
    {
      name: 'clusterer_reception_silence_seconds',
      help: 'Seconds since the last packet of the most silent machine, or since its reception started or restarted; only modules that monitor silence',
      labels: ['module'],
    },
    function* () {
      for (const [module, ms] of service.silences()) yield [ms / 1000, { module }];
    },
  );
}

function addSockets(registry: Registry, { service: { statistics }, rejectionCounts }: Sources): void {
  const { openSockets, socketsClosed } = statistics;
  sampledGauge(registry, { name: 'clusterer_ws_clients', help: 'Open WebSockets' }, () => [[openSockets.size]]);
  sampledCounter(
    registry,
    {
      name: 'clusterer_ws_closed_total',
      help: 'Closed WebSockets, by close code; unknown codes are other',
      labels: ['code'],
    },
    () => samples(socketsClosed.all()),
  );
  sampledGauge(
    registry,
    { name: 'clusterer_ws_queue_bytes', help: 'Bytes that wait for the clients of all WebSockets' },
    () => [[[...openSockets].reduce((total, socket) => total + socket.queueBytes, 0)]],
  );
  sampledCounter(
    registry,
    {
      name: 'clusterer_refused_total',
      help: 'Rejected requests, connections and messages, by interface (bin, http, mi, ws) and reason',
      labels: ['door', 'reason'],
    },
    function* () {
      for (const { count, surface, reason } of rejectionCounts.all()) yield [count, { door: surface, reason }];
    },
  );
}

function addTable(registry: Registry, { service }: Sources): void {
  sampledGauge(
    registry,
    {
      name: 'clusterer_dirty_rows',
      help: 'Rows with changes that are not in the table yet; always 0 if CLUSTERER_PERSISTENT_MODE is 0',
    },
    () => [[service.dirtyRows]],
  );
}
