import { VersionAnswer } from '../../schemas/cluster.js';
import { DIALECTS } from '../../wire/dialects/dialect-id.js';
import { jsonResponse, problems, type Routes } from '../answers/route-types.js';

/** What the service was built from. */
export interface Build {
  readonly version: string;
  /** Empty: unknown. */
  readonly commit: string;
}

/** `GET /version`. It is open, as the OpenAPI document is, which has the version too. */
export function versionRoutes(app: Routes, { version, commit }: Build): void {
  app.get(
    '/version',
    {
      schema: {
        operationId: 'getVersion',
        summary: 'Show the version of the service',
        tags: ['service'],
        response: { 200: jsonResponse('Version, dialects and commit', VersionAnswer), ...problems() },
      },
    },
    async () => ({ version, dialects: [...DIALECTS], commit: commit === '' ? null : commit }),
  );
}
