import { Histogram, type Registry } from 'prom-client';
import type { Refused } from '../limits/rejection-counts.js';
import type { ClusterService } from '../service/cluster-service.js';
import { STATE_NUMBERS } from '../service/table/machine-rows.js';
import { type Sample, sampledCounter, sampledGauge } from './sampled.js';

/** Seconds; a batch takes a few milliseconds on SQLite, and a database that is away up to its time-out of 10 s. */
const FLUSH_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface Sources {
  readonly service: ClusterService;
  readonly refused: Refused;
  /** Machines that get a series of their own: the first of the list by cluster and machine. */
  readonly metricsMachines: number;
}

/** What `/metrics` answers: read from the service when it is asked, so that nobody pays for it in between. */
export class Metrics {
  private readonly flushes: Histogram;

  constructor(
    private readonly registry: Registry,
    sources: Sources,
  ) {
    this.flushes = new Histogram({
      name: 'clusterer_db_flush_seconds',
      help: 'How long writing changed rows took, in seconds; failed writes too',
      buckets: FLUSH_BUCKETS,
      registers: [registry],
    });
    addMachines(registry, sources);
    addPackets(registry, sources);
    addSockets(registry, sources);
    addTable(registry, sources);
  }

  flushed(seconds: number): void {
    this.flushes.observe(seconds);
  }

  async answer(): Promise<{ readonly contentType: string; readonly text: string }> {
    return { contentType: this.registry.contentType, text: await this.registry.metrics() };
  }
}

function addMachines(registry: Registry, { service, metricsMachines }: Sources): void {
  const sum = (field: 'nodes' | 'up' | 'down' | 'temp_disabled'): Sample[] => [
    [service.queries.clusters().reduce((total, cluster) => total + cluster[field], 0)],
  ];
  const nodes = { name: 'clusterer_nodes', help: 'Machines of all loaded clusters, the own row not counted' };
  sampledGauge(registry, nodes, () => sum('nodes'));
  for (const state of ['up', 'down', 'temp_disabled'] as const) {
    sampledGauge(registry, { name: `clusterer_nodes_${state}`, help: `Machines whose state is ${state}` }, () =>
      sum(state),
    );
  }
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
      help: 'Changes of state of machines, by what caused them',
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
      help: 'Packets that came in, once for each registration they concerned: delivered, dropped (the machine was disabled for it), unknown_source; unclaimed: nobody was registered, module="other"',
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
      help: 'Packets that went out, once for each machine: sent (handed to the kernel), or why not',
      labels: ['result'],
    },
    () => samples(service.statistics.packetsSent.all()),
  );
  sampledGauge(
    registry,
    {
      name: 'clusterer_reception_silence_seconds',
      help: 'Seconds since the last packet of the machine that a module has not heard of for longest, or since it began to listen to it, or began again after a disabled period; modules that watch machines only',
      labels: ['module'],
    },
    function* () {
      for (const [module, ms] of service.silences()) yield [ms / 1000, { module }];
    },
  );
}

function addSockets(registry: Registry, { service: { statistics }, refused }: Sources): void {
  const { openSockets, socketsClosed } = statistics;
  sampledGauge(registry, { name: 'clusterer_ws_clients', help: 'WebSockets that are open' }, () => [
    [openSockets.size],
  ]);
  sampledCounter(
    registry,
    {
      name: 'clusterer_ws_closed_total',
      help: 'WebSockets that were closed, by either side, by close code; codes that nobody knows are other',
      labels: ['code'],
    },
    () => samples(socketsClosed.all()),
  );
  sampledGauge(
    registry,
    { name: 'clusterer_ws_queue_bytes', help: 'Bytes that wait for the clients of all WebSockets together' },
    () => [[[...openSockets].reduce((total, socket) => total + socket.queueBytes, 0)]],
  );
  sampledCounter(
    registry,
    {
      name: 'clusterer_refused_total',
      help: 'Who was turned away, by the door they came to (bin, http, mi, ws) and the reason',
      labels: ['door', 'reason'],
    },
    function* () {
      for (const { count, door, reason } of refused.all()) yield [count, { door, reason }];
    },
  );
}

function addTable(registry: Registry, { service }: Sources): void {
  sampledGauge(
    registry,
    {
      name: 'clusterer_dirty_rows',
      help: 'Rows whose changes are not in the table yet; always 0 while CLUSTERER_PERSISTENT_MODE is 0',
    },
    () => [[service.dirtyRows]],
  );
}

function* samples(
  counts: Iterable<{ readonly labels: Readonly<Record<string, string>>; readonly count: number }>,
): Generator<Sample> {
  for (const { labels, count } of counts) yield [count, labels];
}
