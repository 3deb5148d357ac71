import { Api, type HttpResponse, type Problem } from '../generated/swagger-typescript-api.js';
import { ApiError, authorization, type Operator, versionOf } from '../operator.js';

export function operator(baseUrl: string, token?: string): Operator {
  const api = new Api({ baseUrl, baseApiParams: { headers: authorization(token) } });
  return {
    async create(cluster, machine_id, url) {
      const { data, headers } = await refusable(
        api.clusters.createMachine(cluster, { machine_id, url, failed_attempts: 1 }),
      );
      return versionOf(data, headers);
    },
    async list(cluster) {
      const { data } = await refusable(api.clusters.listMachines(cluster));
      return data.nodes;
    },
    async read(cluster, machine) {
      const { data, headers } = await refusable(api.clusters.getMachine(cluster, machine));
      return versionOf(data, headers);
    },
    async describe(cluster, machine, description, etag) {
      const params = { headers: { 'if-match': etag } };
      const { data, headers } = await refusable(api.clusters.putMachine(cluster, machine, { description }, params));
      return versionOf(data, headers);
    },
    async drain(cluster, machine, reason) {
      const { data } = await refusable(api.clusters.setMachineStatus(cluster, machine, { status: 'down', reason }));
      return data;
    },
    async mi(method, params) {
      const { data } = await api.mi.callMi({ jsonrpc: '2.0', id: 1, method, params: [...params] });
      return Array.isArray(data) ? undefined : data.result;
    },
    async remove(cluster, machine) {
      await refusable(api.clusters.deleteMachine(cluster, machine));
    },
  };
}

/** The client throws the response of a request that was refused. */
function refusable<T, E>(response: Promise<HttpResponse<T, E>>): Promise<HttpResponse<T, E>> {
  return response.catch(({ error }: HttpResponse<T, E | Problem>) => {
    throw isProblem(error) ? new ApiError(error) : error;
  });
}

function isProblem(error: unknown): error is Problem {
  return typeof error === 'object' && error !== null && 'code' in error;
}
