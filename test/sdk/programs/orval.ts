import {
  callMi,
  createMachine,
  deleteMachine,
  getMachine,
  listMachines,
  putMachine,
  setMachineStatus,
} from '../generated/orval.js';
import { ApiError, authorization, type Operator, versionOf } from '../operator.js';
import { callService } from './orval-fetch.js';

export function operator(baseUrl: string, token?: string): Operator {
  callService(baseUrl, authorization(token));
  return {
    async create(cluster, machine_id, url) {
      const response = await createMachine(cluster, { machine_id, url, failed_attempts: 1 });
      if (response.status !== 201) throw new ApiError(response.data);
      return versionOf(response.data, response.headers);
    },
    async list(cluster) {
      const response = await listMachines(cluster);
      if (response.status === 304) return [];
      if (response.status !== 200) throw new ApiError(response.data);
      return typeof response.data === 'string' ? [] : response.data.nodes;
    },
    async read(cluster, machine) {
      const response = await getMachine(cluster, machine);
      if (response.status === 304) throw new Error('not asked for');
      if (response.status !== 200) throw new ApiError(response.data);
      return versionOf(response.data, response.headers);
    },
    async describe(cluster, machine, description, etag) {
      const response = await putMachine(cluster, machine, { description }, { 'if-match': etag });
      if (response.status !== 200 && response.status !== 201) throw new ApiError(response.data);
      return versionOf(response.data, response.headers);
    },
    async drain(cluster, machine, reason) {
      const response = await setMachineStatus(cluster, machine, { status: 'down', reason });
      if (response.status !== 200) throw new ApiError(response.data);
      return response.data;
    },
    async mi(method, params) {
      const { status, data } = await callMi({ jsonrpc: '2.0', id: 1, method, params: [...params] });
      if (status !== 200) throw new Error(JSON.stringify(data));
      return Array.isArray(data) ? undefined : data.result;
    },
    async remove(cluster, machine) {
      const response = await deleteMachine(cluster, machine);
      if (response.status !== 204) throw new ApiError(response.data);
    },
  };
}
