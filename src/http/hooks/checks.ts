import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** What is done with a request before anything else looks at it. It may answer the request. @throws what is answered in place of all else */
export type Check = (request: FastifyRequest, reply: FastifyReply) => void;

/** Runs them in this order for every request, routed or not. As one hook: each of Fastify's costs more than most of them do. */
export function useChecks(app: FastifyInstance, checks: readonly Check[]): void {
  app.addHook('onRequest', (request, reply, done) => {
    for (const check of checks) {
      check(request, reply);
      if (reply.sent) return;
    }
    done();
  });
}
