import type { ServiceError } from '../../../ground/errors.js';
import { peerOf, type Rejections } from '../../../limits/rejections.js';
import {
  asHttpStatus,
  dispatch,
  type Failure,
  LARGEST_BATCH,
  PARSE_FAILURE,
  type Params,
  parseMessage,
  UnknownMethod,
} from '../../../rpc/json-rpc.js';
import { decodeUtf8 } from '../../../rpc/json-text.js';
import { exampleOf, ref } from '../../../schemas/common.js';
import { MiRequest, MiResponse } from '../../../schemas/mi.js';
import { type TSchema, Type } from '../../../schemas/typebox.js';
import { requireRole } from '../../../security/tokens.js';
import type { ClusterService } from '../../../service/cluster-service.js';
import { requestValidator } from '../../answers/request-validator.js';
import { problems, type Routes } from '../../answers/route-types.js';
import type { LogOf } from '../../hooks/request-log.js';
import { inScope } from '../../scope.js';
import { namedParams } from './command.js';
import { miCommands } from './commands.js';

function oneOrMany(schema: TSchema & { readonly $id: string }, description: string) {
  const many = Type.Array(ref(schema), { minItems: 1, maxItems: LARGEST_BATCH });
  return Type.Union([ref(schema), many], { description, examples: [exampleOf(schema)] });
}

const MiBody = oneOrMany(MiRequest, 'A JSON-RPC 2.0 request, or a batch');
const MiAnswer = oneOrMany(MiResponse, 'A response, or the responses of a batch');

function jsonRpc(schema: TSchema, example: unknown) {
  return { 'application/json': { schema, example } };
}

/** MI commands of OpenSIPS over JSON-RPC, for tools such as opensips-cli. */
export function miRoutes(app: Routes, service: ClusterService, rejections: Rejections, logOf: LogOf): void {
  const commands = miCommands(service);
  inScope(app, 'mi', (scope) => {
    // The route parses the body itself: an error in it must be a JSON-RPC response, not a problem document.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      ['application/json', 'application/json-rpc'],
      { parseAs: 'buffer' },
      (_request, body: Buffer, done) => done(null, decodeUtf8(body)),
    );
    scope.post(
      '/mi',
      {
        config: { role: 'read' },
        // The schema of the body is for the document: an error in it is a JSON-RPC response.
        validatorCompiler: (part) => (part.httpPart === 'body' ? () => true : requestValidator(part)),
        schema: {
          operationId: 'callMi',
          summary: 'Call an MI command over JSON-RPC 2.0; `which` lists all',
          tags: ['mi'],
          body: MiBody,
          response: {
            ...problems(),
            200: {
              description: 'A response, or the responses of a batch',
              content: jsonRpc(MiAnswer, exampleOf(MiAnswer)),
            },
            204: Type.Null({ description: 'The body has only notifications' }),
            400: {
              description: 'The body is not JSON (error -32700), or the URL has a query',
              content: { ...jsonRpc(ref(MiResponse), JSON.parse(PARSE_FAILURE)), ...problems(400)[400].content },
            },
          },
        },
      },
      async (request, reply) => {
        reply.type('application/json; charset=utf-8');
        const message = typeof request.body === 'string' ? parseMessage(request.body) : undefined;
        if (message === undefined) return reply.code(400).send(PARSE_FAILURE);
        const call = (name: string, params: Params) => {
          const command = commands.get(name);
          if (command === undefined) throw new UnknownMethod(name);
          requireRole(request.caller, command.role);
          return command.run(namedParams(params, command), request.caller);
        };
        const onBug = (err: unknown) => logOf(request).error({ err }, 'MI command failed');
        const answered = await dispatch(message, call, onBug, (error, method) => {
          rejections.reject('mi', error, peerOf(request), method);
          return explain(error);
        });
        return answered === null ? reply.code(204).removeHeader('content-type').send() : reply.send(answered);
      },
    );
  });
}

/** A failed reload is 500 here, as in OpenSIPS 2.2. */
function explain(error: ServiceError): Failure {
  const explained = asHttpStatus(error);
  return error.code === 'database_unavailable' ? { ...explained, code: 500, message: 'Failed to reload' } : explained;
}
