import { eventually } from '../service/eventually.js';
import { CallsInTurn } from './calls-in-turn.js';
import type { ReplicaProcess } from './replica-process.js';

/** How long a call may take: longer than the wait for a leader. */
const CALL_MS = 8_000;

/** Makes one machine after the other at replicas that run, and remembers which calls succeeded. */
export class Operator extends CallsInTurn {
  /** The ids of the machines whose creation was answered with 201. */
  readonly created: number[] = [];
  /** Of those that were then set down, answered with 200. */
  readonly down: number[] = [];
  /** Calls that were answered with an error or not at all: they may be in force. */
  failed = 0;

  /** Resolves when every call that succeeded is in force at all replicas that run. */
  async untilInForce(): Promise<void> {
    for (const replica of this.running) {
      const hasAll = async (ids: readonly number[], query: string) => {
        const path = `/nodes?cluster_id=${this.clusterId}&limit=10000${query}`;
        const { nodes } = (await replica.request('GET', path)).body;
        return isWithin(
          ids,
          (nodes as { machine_id: number }[]).map(({ machine_id }) => machine_id),
        );
      };
      await eventually(() => hasAll(this.created, ''));
      await eventually(() => hasAll(this.down, '&state=down'));
    }
  }

  protected async call(replica: ReplicaProcess, machineId: number): Promise<void> {
    const machines = `/clusters/${this.clusterId}/machines`;
    const row = { machine_id: machineId, url: `bin:127.0.153.1:${10_000 + machineId}` };
    if (!(await this.succeeds(replica, 'POST', machines, row, 201))) return;
    this.created.push(machineId);
    const status = `${machines}/${machineId}/status`;
    if (await this.succeeds(replica, 'PUT', status, { status: 'down' }, 200)) this.down.push(machineId);
  }

  private async succeeds({ url }: ReplicaProcess, method: string, path: string, body: object, expected: number) {
    const response = await this.request(url + path, method, body, CALL_MS).catch(() => null);
    await response?.text().catch(() => '');
    if (response?.status !== expected) this.failed++;
    return response?.status === expected;
  }
}

export function isWithin(some: readonly number[], all: readonly number[]): boolean {
  const found = new Set(all);
  return some.every((one) => found.has(one));
}
