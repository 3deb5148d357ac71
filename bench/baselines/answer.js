/** A bare Fastify that answers the same bytes from memory. */
const { fastify } = require('fastify');
const { answerCalls } = require('../support/calls.js');

/** Bytes up to which Node sends a text faster than bytes. */
const LONGEST_TEXT = 2 ** 13;

answerCalls({
  listen: async ({ path = '/nodes', body, headers }) => {
    const app = fastify();
    const bytes = Buffer.from(body);
    const answer = bytes.length > LONGEST_TEXT ? bytes : body;
    app.get(path, (_request, reply) => {
      reply.headers(headers).send(answer);
    });
    return { http: await app.listen({ host: '127.0.0.1', port: 0 }) };
  },
});
