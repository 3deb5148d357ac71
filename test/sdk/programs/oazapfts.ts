import {
  callMi,
  createMachine,
  deleteMachine,
  getMachine,
  listMachines,
  type Problem,
  putMachine,
  setMachineStatus,
} from '../generated/oazapfts.js';
import { ApiError, authorization, type Operator, versionOf } from '../operator.js';

export function operator(baseUrl: string, token?: string): Operator {
  const options = { baseUrl, headers: authorization(token) };
  return {
    async create(cluster, machine_id, url) {
      const response = await createMachine(cluster, { machine_id, url, failed_attempts: 1 }, options);
      return versionOf(accepted(response), response.headers);
    },
    async list(cluster) {
      return accepted(await listMachines(cluster, {}, options)).nodes;
    },
    async read(cluster, machine) {
      const response = await getMachine(cluster, machine, {}, options);
      return versionOf(accepted(response), response.headers);
    },
    async describe(cluster, machine, description, etag) {
      const response = await putMachine(cluster, machine, { description }, { ifMatch: etag }, options);
      return versionOf(accepted(response), response.headers);
    },
    async drain(cluster, machine, reason) {
      return accepted(await setMachineStatus(cluster, machine, { status: 'down', reason }, {}, options));
    },
    async mi(method, params) {
      const data = accepted(await callMi({ jsonrpc: '2.0', id: 1, method, params: [...params] }, options));
      return Array.isArray(data) ? undefined : data.result;
    },
    async remove(cluster, machine) {
      const response = await deleteMachine(cluster, machine, {}, options);
      if ('data' in response && response.status !== 204) throw new ApiError(response.data);
    },
  };
}

interface Response<T> {
  readonly status: number;
  readonly data?: T | Problem;
}

/** The client types the response `default` as one of any status, so the status does not tell the compiler what the data are. */
function accepted<T extends object>({ data }: Response<T>): T {
  if (data === undefined) throw new Error('a response without content, which nothing here asks for');
  if (isProblem(data)) throw new ApiError(data);
  return data;
}

function isProblem(data: object): data is Problem {
  return 'code' in data && 'detail' in data;
}
