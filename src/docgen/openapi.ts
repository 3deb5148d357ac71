import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { stringify } from 'yaml';
import { readConfig } from '../config/variables.js';
import { NO_FLEETS } from '../domain/fleets.js';
import type { Clock } from '../ground/ports.js';
import { problems } from '../http/answers/route-types.js';
import { buildHttp } from '../http/build.js';
import { RejectionCounts } from '../limits/rejection-counts.js';
import { Rejections } from '../limits/rejections.js';
import { VERSION } from '../process/version.js';
import { PacketBody } from '../schemas/packet.js';
import { WEBHOOK_SCHEMAS } from '../schemas/webhooks.js';
import { ClusterService } from '../service/cluster-service.js';
import { ALONE } from '../service/leadership.js';
import { MemoryCommandLog } from '../service/log/memory-command-log.js';
import type { MachineStore } from '../service/ports/machine-store.js';
import type { Replica } from '../service/replicas/port.js';
import { NAMED_SCHEMAS } from './named-schemas.js';
import { REST_SENT_SCHEMAS, SentPacketBody } from './packet-schemas.js';
import { webhooks } from './webhooks.js';

/** The OpenAPI document, collected from the routes. They are only built here, never called. */
export async function openapi(): Promise<object> {
  const config = readConfig({});
  const logger = pino({ level: 'silent' });
  const sender = { send: () => {}, disconnect: () => {}, close: async () => {} };
  const resolver = { resolve: async () => ({ ips: [], fault: null }) };
  const service = new ClusterService(
    {
      store: EMPTY_STORE,
      own: null,
      sender,
      replies: { reply: () => {} },
      resolver,
      clock: STOPPED_CLOCK,
      log: logger,
    },
    { ...config, dialectOf: NO_FLEETS.dialectOf, fleets: NO_FLEETS },
  );
  const readiness = async () => ({ status: 'starting' }) as const;
  const scrape = async () => ({ contentType: 'text/plain', text: '' });
  const rejections = new Rejections(new RejectionCounts(), logger);
  const parts = {
    service,
    rejections,
    logger,
    readiness,
    options: config,
    scrape,
    build: { version: VERSION, commit: '' },
    replica: DOCUMENTED,
  };
  const app = await buildHttp(parts, () => {}, collectDocument);
  await app.ready();
  return app.swagger();
}

/** The document as text, laid out for people. */
export function openapiYaml(document: object): string {
  return stringify(document);
}

/** The same document for programs. One line for each field, so that changes can be compared and merged. */
export function openapiJson(document: object): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

const EMPTY_STORE: MachineStore = {
  tableVersion: 1,
  load: async () => ({ rows: [], skipped: [] }),
  saveStates: async () => {},
  insert: async () => 'duplicate',
  update: async () => null,
  remove: async () => false,
  ping: async () => {},
  close: async () => {},
};

/** Its routes are in the document. */
const DOCUMENTED: Replica = {
  commands: new MemoryCommandLog({ now: () => ({ monotonicMs: 0, unixMs: 0 }), after: () => () => {} }),
  leadership: ALONE,
  toLeader: async () => null,
  position: 0,
  awayMs: null,
  lagMs: 0,
  differences: 0,
  list: () => [],
  reached: async () => true,
};

const STOPPED_CLOCK: Clock = { now: () => ({ monotonicMs: 0, unixMs: 0 }), after: () => () => {} };

async function collectDocument(app: FastifyInstance): Promise<void> {
  for (const schema of [...NAMED_SCHEMAS, ...REST_SENT_SCHEMAS, ...WEBHOOK_SCHEMAS]) app.addSchema(schema);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Clusterer',
        version: VERSION,
        description:
          'Cluster registry and packet hub for OpenSIPS clusters. Modules receive packets over the WebSocket at `/ws`.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/', description: 'this service' }],
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'Required where CLUSTERER_TOKENS is set' },
        },
      },
      security: [{ token: [] }, {}],
      tags: [
        { name: 'machines', description: 'Machines and their state' },
        { name: 'provisioning', description: 'Changes to the table' },
        { name: 'clusters', description: 'Clusters, and the queries of modules' },
        {
          name: 'fleets',
          description: 'Clusters of OpenSIPS 2.4 to 4.0: who is connected to whom, and what they replicate',
        },
        { name: 'packets', description: 'Sending packets, and the modules that receive them' },
        { name: 'mi', description: 'The MI commands of OpenSIPS' },
        { name: 'service', description: 'The service itself' },
        {
          name: 'webhooks',
          description:
            'What the service sends to the receivers in CLUSTERER_WEBHOOKS, signed as Standard Webhooks describes; docs/webhooks.md explains delivery',
        },
      ],
      webhooks: webhooks(),
    },
    transform: ({ schema: route, url, route: { config } }) => {
      const schema = route?.body === PacketBody ? { ...route, body: SentPacketBody } : route;
      const response = {
        ...(config?.anyQuery !== true && problems(400)),
        ...(schema?.body !== undefined && problems(415)),
        ...(config?.role !== undefined && problems(401, 403)),
        ...Object(schema?.response),
      };
      // A route without a role is open.
      if (config?.role === undefined) return { schema: { ...schema, response, security: [] }, url };
      const role = `Requires the role \`${config.role}\`.`;
      const description = schema?.description === undefined ? role : `${role} ${schema.description}`;
      return { schema: { ...schema, description, response }, url };
    },
    refResolver: { buildLocalReference: (json, _base, _fragment, index) => String(json.$id ?? `schema-${index}`) },
  });
}

async function writeDocument(): Promise<void> {
  const document = await openapi();
  const root = join(__dirname, '../..');
  writeFileSync(join(root, 'openapi.yaml'), openapiYaml(document));
  writeFileSync(join(root, 'src/http/routes/openapi.json'), openapiJson(document));
}

if (require.main === module) void writeDocument();
