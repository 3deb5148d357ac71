import { createClient, createConfig } from '../generated/hey-api/client/index.js';
import {
  callMi,
  createMachine,
  deleteMachine,
  getMachine,
  listMachines,
  putMachine,
  setMachineStatus,
} from '../generated/hey-api/index.js';
import { ApiError, authorization, type Operator, versionOf } from '../operator.js';

export function operator(baseUrl: string, token?: string): Operator {
  const client = createClient(createConfig({ baseUrl, headers: authorization(token) }));
  const at = (cluster_id: number, machine_id: number) => ({ client, path: { cluster_id, machine_id } });
  return {
    async create(cluster_id, machine_id, url) {
      const body = { machine_id, url, failed_attempts: 1 };
      const { data, error, response } = await createMachine({ client, path: { cluster_id }, body });
      if (error !== undefined) throw new ApiError(error);
      return versionOf(data, response.headers);
    },
    async list(cluster_id) {
      const { data, error } = await listMachines({ client, path: { cluster_id } });
      if (error !== undefined) throw new ApiError(error);
      return typeof data === 'string' ? [] : data.nodes;
    },
    async read(cluster, machine) {
      const { data, error, response } = await getMachine(at(cluster, machine));
      if (error !== undefined) throw new ApiError(error);
      return versionOf(data, response.headers);
    },
    async describe(cluster, machine, description, etag) {
      const headers = { 'if-match': etag };
      const { data, error, response } = await putMachine({ ...at(cluster, machine), headers, body: { description } });
      if (error !== undefined) throw new ApiError(error);
      return versionOf(data, response.headers);
    },
    async drain(cluster, machine, reason) {
      const { data, error } = await setMachineStatus({ ...at(cluster, machine), body: { status: 'down', reason } });
      if (error !== undefined) throw new ApiError(error);
      return data;
    },
    async mi(method, params) {
      const { data, error } = await callMi({ client, body: { jsonrpc: '2.0', id: 1, method, params: [...params] } });
      if (error !== undefined) throw new Error(JSON.stringify(error));
      return data === undefined || Array.isArray(data) ? undefined : data.result;
    },
    async remove(cluster, machine) {
      const { error } = await deleteMachine(at(cluster, machine));
      if (error !== undefined) throw new ApiError(error);
    },
  };
}
