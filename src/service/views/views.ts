import { type Machine, secondsUntilEnabling } from '../../domain/machine.js';
import type { MachineReception } from '../../domain/reception.js';
import type { Cluster, Silence } from '../../domain/table.js';
import type { Now } from '../../ground/now.js';
import type { ClusterView } from '../../schemas/cluster.js';
import type { MachineView, UpMachine } from '../../schemas/machine.js';
import type { ModuleView } from '../../schemas/packet.js';
import type { RegisterAnswer } from '../../schemas/registration.js';
import { formatAddress } from '../../wire/address.js';
import type { RegistrationLog } from '../delivery/registration-log.js';
import { drainView } from './drain-view.js';
import { fleetView } from './fleet-view.js';
import type { Provisioned } from './provisioned.js';

/** A machine in the REST API's names: the only place where its fields are mapped. */
export function machineView(cell: Provisioned, now: Now): MachineView {
  const { machine, silentFor } = cell;
  return {
    clusterer_id: machine.clustererId,
    cluster_id: machine.clusterId,
    machine_id: machine.machineId,
    protocol: machine.protocol,
    url: machine.url,
    address: addressOf(machine),
    state: machine.state,
    description: machine.description,
    no_tries: machine.noTries,
    failed_attempts: machine.failedAttempts,
    duration: machine.durationMs / 1000,
    last_attempt: machine.lastAttempt,
    seconds_until_enabling: secondsUntilEnabling(machine, now),
    disabled_for: silentFor === null ? [] : modulesOf(silentFor),
    ...(machine.fleet !== null && fleetView(cell, machine.fleet)),
    ...(machine.drain !== null && { drain: drainView(machine.drain) }),
  };
}

/** A machine in `get_nodes`. */
export function upMachine(machine: Machine): UpMachine {
  return {
    machine_id: machine.machineId,
    state: machine.state,
    description: machine.description,
    address: addressOf(machine),
    protocol: machine.protocol,
  };
}

function addressOf({ ip, port }: Machine): string | null {
  return ip === null ? null : formatAddress(ip, port);
}

function modulesOf(silences: Iterable<Silence>): string[] {
  const names = new Set<string>();
  for (const { registration } of silences) names.add(registration.module);
  return [...names].sort();
}

export function clusterView(cluster: Cluster): ClusterView {
  const view = { cluster_id: cluster.clusterId, nodes: 0, up: 0, temp_disabled: 0, down: 0 };
  for (const { machine } of cluster.machines) {
    view.nodes++;
    view[machine.state]++;
  }
  return view;
}

export function moduleView(log: RegistrationLog, now: Now): ModuleView {
  const { registration } = log;
  return {
    number: registration.number,
    module: registration.module,
    protocol: registration.protocol,
    cluster_id: registration.clusterId,
    timeout: registration.timeoutMs / 1000,
    auth_check: registration.authCheck,
    connected: log.holder !== null,
    since: log.since,
    packets: registration.packets,
    dropped: registration.dropped,
    unknown_source: registration.unknownSource,
    machines: receptionsOf(log).map((reception) => ({
      machine_id: reception.cell.machine.machineId,
      reception: reception.state,
      silent_for: (now.monotonicMs - reception.lastPacketAt) / 1000,
      seconds_until_enabling: reception.disabled
        ? Math.max(0, Math.ceil((reception.dueAt - now.monotonicMs) / 1000))
        : 0,
      packets: reception.packets,
    })),
  };
}

/** The machines of a new or resumed registration, by ascending id. */
export function registeredMachines(log: RegistrationLog): RegisterAnswer['machines'] {
  return receptionsOf(log).map(({ cell, state }) => ({ machine_id: cell.machine.machineId, reception: state }));
}

/** The cluster of a registration; null: any. */
export function clusterOf({ registration }: RegistrationLog): number | null {
  return registration.clusterId === 0 ? null : registration.clusterId;
}

function receptionsOf(log: RegistrationLog): MachineReception[] {
  return [...log.registration.receptions].sort((a, b) => a.cell.machine.machineId - b.cell.machine.machineId);
}
