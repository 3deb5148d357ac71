import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { VERSION } from '../app.js';
import { readConfig } from '../config/variables.js';
import { buildHttp } from '../http/build.js';
import { RejectionCounts } from '../limits/rejection-counts.js';
import { Rejections } from '../limits/rejections.js';
import { ClusterService, type ServicePorts } from '../service/cluster-service.js';

/** The OpenAPI document as YAML. Only the routes are built; nothing they would need to answer. */
export async function openapiYaml(): Promise<string> {
  const nothing = {} as ServicePorts;
  const config = readConfig({});
  const service = new ClusterService(nothing, config);
  const logger = pino({ level: 'silent' });
  const readiness = async () => ({ status: 'starting' }) as const;
  const scrape = async () => ({ contentType: 'text/plain', text: '' });
  const rejections = new Rejections(new RejectionCounts(), logger);
  const parts = { service, rejections, logger, version: VERSION, readiness, options: config, scrape };
  const app = await buildHttp(parts, () => {});
  await app.ready();
  return app.swagger({ yaml: true });
}

if (require.main === module) {
  void openapiYaml().then((yaml) => writeFileSync(join(__dirname, '../../openapi.yaml'), yaml));
}
