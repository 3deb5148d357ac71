import { LayoutList } from '../../schemas/layout.js';
import { listedLayouts } from '../../wire/modules/listing.js';
import { jsonResponse, problems, type Routes } from '../answers/route-types.js';

/** `GET /layouts`: what programs need to read decoded packets, and to send packets by name. It does not change while the process runs. */
export function layoutRoutes(app: Routes): void {
  app.get(
    '/layouts',
    {
      config: { role: 'read' },
      schema: {
        operationId: 'listLayouts',
        summary: "List the fields of modules' packets",
        tags: ['packets'],
        response: {
          200: jsonResponse('One for each version, in the order in which they are tried', LayoutList),
          ...problems(),
        },
      },
    },
    async () => ({ layouts: listedLayouts() }) as LayoutList,
  );
}
