/** A bare Fastify that answers the same bytes from memory. */
const { fastify } = require('fastify');
const { answerCalls } = require('../support/calls.js');

answerCalls({
  listen: async ({ body, headers }) => {
    const app = fastify();
    const bytes = Buffer.from(body);
    app.get('/nodes', (_request, reply) => {
      reply.headers(headers).send(bytes);
    });
    return { http: await app.listen({ host: '127.0.0.1', port: 0 }) };
  },
});
