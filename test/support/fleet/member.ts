import type { Replacements } from '../../../src/app.js';
import { freePort } from '../service/free-port.js';
import { startService, type TestService } from '../service/service.js';
import { startFleet } from './fleet.js';
import type { MachineOptions, SimulatedMachine } from './node.js';

/** The machine id of the service in these fleets. */
export const MEMBER = 9;

/** Pings in the rhythm of the simulated machines. */
export const MEMBER_TIMES = {
  CLUSTERER_PING_INTERVAL_SECONDS: '1',
  CLUSTERER_PING_TIMEOUT_MS: '200',
  CLUSTERER_NODE_TIMEOUT_SECONDS: '1',
};

export interface Member {
  readonly service: TestService;
  readonly url: string;
  readonly fleet: readonly SimulatedMachine[];
  /** One machine of the fleet. */
  machine(id: number): SimulatedMachine;
  /** The machine as REST shows it. */
  shown(id: number): Promise<Record<string, unknown>>;
}

/**
 * A service that is machine 9 of cluster 1, and a fleet that has rows of it. `net` is the third byte of their loopback addresses: each test
 * has its own.
 */
export async function startMember(
  net: number,
  machines: readonly Omit<MachineOptions, 'host'>[],
  environment: Readonly<Record<string, string>> = {},
  replacements: Partial<Replacements> = {},
): Promise<Member> {
  const host = `127.0.${net}.${MEMBER}`;
  const port = await freePort();
  const url = `bin:${host}:${port}`;
  const fleet = await startFleet(
    machines.map((machine) => ({ ...machine, host: `127.0.${net}.${machine.id}` })),
    [{ id: MEMBER, url }],
  );
  const service = await startService(
    {
      CLUSTERER_DIALECT: '2.4',
      CLUSTERER_SERVER_ID: String(MEMBER),
      CLUSTERER_BIN_HOST: host,
      CLUSTERER_BIN_PORT: String(port),
      ...MEMBER_TIMES,
      ...environment,
    },
    replacements,
  );
  await service.provision(1, MEMBER, url);
  for (const machine of fleet) await service.provision(1, machine.id, machine.url);
  return {
    service,
    url,
    fleet,
    machine: (id) => {
      const found = fleet.find((one) => one.id === id);
      if (found === undefined) throw new Error(`the fleet has no machine ${id}`);
      return found;
    },
    shown: async (id) => (await service.request('GET', `/clusters/1/machines/${id}`)).body,
  };
}

/** Resolves when the service and every machine of the fleet have links to each other. */
export async function linked({ service, fleet }: Member): Promise<void> {
  const ids = [MEMBER, ...fleet.map(({ id }) => id)];
  await Promise.all(
    fleet.map((machine) => machine.until(() => ids.every((id) => id === machine.id || machine.links.isUp(id)))),
  );
  const socket = await service.socket();
  await socket.call('watch', { cluster_id: 1 });
  const { body } = await service.request('GET', '/nodes?cluster_id=1');
  const missing = new Set<unknown>();
  for (const { machine_id, link } of body.nodes) if (link !== 'up') missing.add(machine_id);
  await socket.until(({ notifications }) => {
    for (const { method, params } of notifications) {
      if (method === 'link' && params.to === 'up') missing.delete(params.machine_id);
    }
    return missing.size === 0;
  });
  socket.socket.terminate();
}

/** Resolves when the service knows the releases of these machines: each has announced its capabilities. */
export async function releasesKnown({ service, shown }: Member, ids: readonly number[]): Promise<void> {
  for (const id of ids) while ((await shown(id)).releases === null) await service.nextLogLine();
}

/** A member of a fleet of the machines 1, which is synced, and 2, which is not. All are linked, and know each other's releases. */
export async function startPair(net: number): Promise<Member> {
  const member = await startMember(net, [
    { id: 1, capabilities: { 'usrloc-contact-repl': true } },
    { id: 2, capabilities: { 'usrloc-contact-repl': false } },
  ]);
  await linked(member);
  await releasesKnown(member, [1, 2]);
  return member;
}
