import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ServiceError } from '../../ground/errors.js';
import { invalidInput } from '../../schemas/validation.js';
import type { Replica } from '../../service/replicas/port.js';

/** The position of the log after a write. A client sends it back as `min-seq` to read its own write at any replica. */
const POSITION = 'x-clusterer-seq';
const MIN_POSITION = 'min-seq';

/** How long a read waits for its `min-seq`. */
const BEHIND_MS = 1_000;

/** The headers of replicas: positions of the log, and the age of what is read while the log is away. */
export function useReplica(app: FastifyInstance, replica: Pick<Replica, 'position' | 'reached' | 'awayMs'>): void {
  const reachPosition = async (request: FastifyRequest): Promise<void> => {
    const position = minPosition(request);
    if (position === null || (await replica.reached(position, BEHIND_MS))) return;
    const detail = `This replica has not applied position ${position} of the log yet. Repeat the request, or send it to another replica.`;
    throw new ServiceError('replica_behind', detail);
  };
  app.addHook('onRoute', (route) => {
    route.onRequest = [reachPosition, route.onRequest ?? []].flat();
  });
  app.addHook('onSend', async (request, reply) => {
    const { awayMs } = replica;
    const isGet = isRead(request);
    const isAnswered = reply.statusCode < 300;
    if (!isGet && isAnswered) reply.header(POSITION, replica.position);
    // MI reads with POST.
    if (awayMs !== null && (isGet || isAnswered)) reply.header('age', Math.floor(awayMs / 1_000));
  });
}

function isRead({ method }: FastifyRequest): boolean {
  return method === 'GET' || method === 'HEAD';
}

function minPosition({ headers }: FastifyRequest): number | null {
  const text = headers[MIN_POSITION];
  if (text === undefined) return null;
  const position = /^\d{1,15}$/.test(String(text)) ? Number(text) : null;
  if (position !== null) return position;
  throw invalidInput([
    { pointer: `/${MIN_POSITION}`, detail: 'must be a whole number: the x-clusterer-seq of a write' },
  ]);
}
