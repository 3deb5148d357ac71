import createClient from 'openapi-fetch';
import type { components, paths } from '../generated/openapi-typescript.js';
import { ApiError, authorization, type Operator, versionOf } from '../operator.js';

type Schemas = components['schemas'];

/** openapi-typescript makes types; openapi-fetch makes the calls. */
export function operator(baseUrl: string, token?: string): Operator & Sender {
  const api = createClient<paths, 'application/json' | 'application/problem+json'>({
    baseUrl,
    headers: authorization(token),
  });
  const at = (cluster_id: number, machine_id: number) => ({ path: { cluster_id, machine_id } });
  return {
    async create(cluster_id, machine_id, url) {
      const body = { machine_id, url, failed_attempts: 1 };
      const { data, error, response } = await api.POST('/clusters/{cluster_id}/machines', {
        params: { path: { cluster_id } },
        body,
      });
      if (error !== undefined) throw new ApiError(error);
      return versionOf(data, response.headers);
    },
    async list(cluster_id) {
      const { data, error } = await api.GET('/clusters/{cluster_id}/machines', { params: { path: { cluster_id } } });
      if (error !== undefined) throw new ApiError(error);
      return data.nodes;
    },
    async read(cluster, machine) {
      const path = '/clusters/{cluster_id}/machines/{machine_id}';
      const { data, error, response } = await api.GET(path, { params: at(cluster, machine) });
      if (error !== undefined) throw new ApiError(error);
      return versionOf(data, response.headers);
    },
    async describe(cluster, machine, description, etag) {
      const path = '/clusters/{cluster_id}/machines/{machine_id}';
      const params = { ...at(cluster, machine), header: { 'if-match': etag } };
      const { data, error, response } = await api.PUT(path, { params, body: { description } });
      if (error !== undefined) throw new ApiError(error);
      return versionOf(data, response.headers);
    },
    async drain(cluster, machine, reason) {
      const path = '/clusters/{cluster_id}/machines/{machine_id}/status';
      const { data, error } = await api.PUT(path, { params: at(cluster, machine), body: { status: 'down', reason } });
      if (error !== undefined) throw new ApiError(error);
      return data;
    },
    async mi(method, params) {
      const { data, error } = await api.POST('/mi', { body: { jsonrpc: '2.0', id: 1, method, params: [...params] } });
      if (error !== undefined) throw new Error(JSON.stringify(error));
      return data === undefined || Array.isArray(data) ? undefined : data.result;
    },
    async remove(cluster, machine) {
      const path = '/clusters/{cluster_id}/machines/{machine_id}';
      const { error } = await api.DELETE(path, { params: at(cluster, machine) });
      if (error !== undefined) throw new ApiError(error);
    },
    async send(cluster_id, module) {
      const body = { module, packet_type: 3, payload: 'aGVsbG8=' };
      const { data, error } = await api.POST('/clusters/{cluster_id}/packets', {
        params: { path: { cluster_id } },
        body,
      });
      if (error !== undefined) throw new ApiError(error);
      return new Map(data.results.map((result) => [result.machine_id, result.sent ? null : result.error]));
    },
    async forget(cluster_id, aor) {
      const body = { module: 'ul', name: 'aor_delete' as const, fields: { domain: 'location', aor } };
      const { data, error } = await api.POST('/clusters/{cluster_id}/packets', {
        params: { path: { cluster_id } },
        body,
      });
      if (error !== undefined) throw new ApiError(error);
      return data.results.flatMap(({ machine_id, sent }) => (sent ? [machine_id] : []));
    },
    async forgetWrongly(cluster_id) {
      const params = { path: { cluster_id } };
      const body = { module: 'ul', name: 'aor_delete' as const, fields: { domain: 'location', aor: 5 } };
      // @ts-expect-error: aor is text
      const { error } = await api.POST('/clusters/{cluster_id}/packets', { params, body });
      if (error !== undefined) throw new ApiError(error);
    },
  };
}

/** What a module's program sends. */
export interface Sender {
  /** The error of each machine by id; null for those that were sent the packet. */
  send(cluster: number, module: string): Promise<Map<number, Schemas['SendResult']['error'] | null>>;
  /** Ends the contacts of a user on the machines of a cluster of OpenSIPS 2.2; returns those that were told. */
  forget(cluster: number, aor: string): Promise<number[]>;
  /** The compiler knows the fields of each packet. */
  forgetWrongly(cluster: number): Promise<void>;
}
