import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** A step before validation and handlers. It may send the response itself. @throws ServiceError, which becomes the response */
export type Check = (request: FastifyRequest, reply: FastifyReply) => void;

/** Runs the checks in this order for every request, with or without a route. One hook for all: each Fastify hook costs more than most checks. */
export function useChecks(app: FastifyInstance, checks: readonly Check[]): void {
  app.addHook('onRequest', (request, reply, done) => {
    for (const check of checks) {
      check(request, reply);
      if (reply.sent) return;
    }
    done();
  });
}
