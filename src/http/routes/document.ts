import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import type { TSchema } from 'typebox';
import { CallerView } from '../../schemas/caller.js';
import {
  CheckAnswer,
  ClusterList,
  ClusterView,
  HealthAnswer,
  IdAnswer,
  ReadyAnswer,
  ReloadAnswer,
} from '../../schemas/cluster.js';
import { HistoryEntryView, HistoryPage } from '../../schemas/history.js';
import { MachineList, MachineView, UpMachine, UpMachineList } from '../../schemas/machine.js';
import { ModuleList, ModuleView, SendAnswer, SendResult } from '../../schemas/packet.js';
import { Problem } from '../../schemas/problem.js';
import { problems, type Routes } from '../answers/route-types.js';

/** The named schemas, in the order in which they refer to each other. */
export const COMPONENTS: readonly TSchema[] = [
  Problem,
  MachineView,
  MachineList,
  UpMachine,
  UpMachineList,
  ClusterView,
  ClusterList,
  ReloadAnswer,
  CheckAnswer,
  IdAnswer,
  HealthAnswer,
  ReadyAnswer,
  SendResult,
  SendAnswer,
  ModuleView,
  ModuleList,
  CallerView,
  HistoryEntryView,
  HistoryPage,
];

/** Collects the OpenAPI document from the routes that follow. */
export async function useDocument(app: FastifyInstance, version: string): Promise<void> {
  for (const schema of COMPONENTS) app.addSchema(schema);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Clusterer',
        version,
        description:
          'The cluster registry and packet hub for OpenSIPS-style clusters. Modules receive packets over the WebSocket at `/ws`.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/', description: 'this service' }],
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'Needed where CLUSTERER_TOKENS is set' },
        },
      },
      security: [{ token: [] }, {}],
      tags: [
        { name: 'machines', description: 'The table of machines and their state' },
        { name: 'provisioning', description: 'Writing the table' },
        { name: 'clusters', description: 'Clusters, and what a module asks of one' },
        { name: 'packets', description: 'Sending packets, and who receives them' },
        { name: 'mi', description: 'The MI commands of OpenSIPS' },
        { name: 'service', description: 'The service itself' },
      ],
    },
    transform: ({ schema, url, route: { config } }) => {
      const response = {
        ...(config?.anyQuery !== true && problems(400)),
        ...(schema?.body !== undefined && problems(415)),
        ...(config?.role !== undefined && problems(401, 403)),
        ...Object(schema?.response),
      };
      // A route without a role is open.
      if (config?.role === undefined) return { schema: { ...schema, response, security: [] }, url };
      return { schema: { description: `Needs the role ${config.role}.`, ...schema, response }, url };
    },
    refResolver: { buildLocalReference: (json, _base, _fragment, index) => String(json.$id ?? `schema-${index}`) },
  });
}

/** `GET /openapi.json` and `GET /openapi.yaml`: the document, made once. */
export function documentRoutes(app: Routes): void {
  let json: string | null = null;
  let yaml: string | null = null;
  app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) => {
    json ??= JSON.stringify(app.swagger());
    return reply.type('application/json').send(json);
  });
  app.get('/openapi.yaml', { schema: { hide: true } }, async (_request, reply) => {
    yaml ??= app.swagger({ yaml: true });
    return reply.type('application/yaml').send(yaml);
  });
}
