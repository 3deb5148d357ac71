import type { LoadedMachine } from '../../../src/domain/commands.js';
import type { NewMachineRow } from '../../../src/service/ports/machine-store.js';
import type { ReceivedRun } from '../../../src/wire/frame-run.js';
import { runOfBytes } from '../peers/runs.js';

/** A new row with OpenSIPS 2.2's defaults. */
export const ROW: NewMachineRow = {
  clusterId: 1,
  machineId: 2,
  url: 'bin:127.0.0.2:5555',
  state: 1,
  description: null,
  failedAttempts: 3,
  lastAttempt: 0,
  duration: 30,
  noTries: 0,
};

/** A loaded row with OpenSIPS 2.2's defaults: by default machine 2 of cluster 1 at bin:10.0.1.2:5555. */
export function loadedMachine(given?: Partial<Omit<LoadedMachine, 'drain'>>): LoadedMachine & { readonly drain: null };
export function loadedMachine(given: Partial<LoadedMachine>): LoadedMachine;
export function loadedMachine(given: Partial<LoadedMachine> = {}): LoadedMachine {
  const { clusterId = 1, machineId = 2, protocol = 'bin', port = 5555 } = given;
  const { host = `10.0.${clusterId}.${machineId}`, ip = host } = given;
  return {
    clustererId: 100 * clusterId + machineId,
    clusterId,
    machineId,
    url: `${protocol}:${host}:${port}`,
    protocol,
    host,
    port,
    ip,
    ips: ip === null ? [] : [ip],
    description: null,
    failedAttempts: 3,
    durationMs: 30_000,
    state: 'up',
    noTries: 0,
    lastAttempt: 0,
    drain: null,
    fleet: null,
    keepsAttempts: true,
    ...given,
  };
}

/** A packet, by default of machine 2 of cluster 1 for the module `ul`. */
export function receivedRun(
  given: { module?: string; protocol?: string; machineId?: number; ip?: string; count?: number } = {},
): ReceivedRun {
  const { module = 'ul', protocol = 'bin', machineId = 2, ip = '10.0.1.2', count = 1 } = given;
  const run = runOfBytes(Buffer.alloc(0));
  return { ...run, head: { ...run.head, module, machineId }, protocol, count, source: { ip, port: 40_000 } };
}
