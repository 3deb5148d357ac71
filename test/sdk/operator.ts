import createClient from 'openapi-fetch';
import type { components, paths } from './generated/api.js';

type Schemas = components['schemas'];
export type Machine = Schemas['Machine'];

/** The service refused a request; docs/errors.md explains `problem.code`. */
export class ApiError extends Error {
  constructor(readonly problem: Schemas['Problem']) {
    super(problem.detail);
  }
}

/** An operator's program on the generated types, as a user of the document would write it: without casts. */
export class Operator {
  private readonly api;

  constructor(baseUrl: string, token?: string) {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    this.api = createClient<paths, 'application/json' | 'application/problem+json'>({ baseUrl, headers });
  }

  async provision(cluster_id: number, machine_id: number, url: string): Promise<Machine> {
    const params = { path: { cluster_id } };
    const body = { machine_id, url, failed_attempts: 1 };
    const { data, error } = await this.api.POST('/clusters/{cluster_id}/machines', { params, body });
    if (error !== undefined) throw new ApiError(error);
    return data;
  }

  async addressesOf(state: Machine['state']): Promise<(string | null)[]> {
    const { data, error } = await this.api.GET('/nodes', { params: { query: { state } } });
    if (error !== undefined) throw new ApiError(error);
    return data.nodes.map(({ address }) => address);
  }

  async setDown(cluster_id: number, machine_id: number): Promise<Machine> {
    const path = '/clusters/{cluster_id}/machines/{machine_id}/status';
    const params = { path: { cluster_id, machine_id } };
    const { data, error } = await this.api.PUT(path, { params, body: { status: 'down' } });
    if (error !== undefined) throw new ApiError(error);
    return data;
  }

  /** The error of each machine by id; null for those that were sent the packet. */
  async send(cluster_id: number, module: string): Promise<Map<number, Schemas['SendResult']['error'] | null>> {
    const params = { path: { cluster_id } };
    const body = { module, packet_type: 3, payload: 'aGVsbG8=' };
    const { data, error } = await this.api.POST('/clusters/{cluster_id}/packets', { params, body });
    if (error !== undefined) throw new ApiError(error);
    return new Map(data.results.map((result) => [result.machine_id, result.sent ? null : result.error]));
  }
}
