import { databaseNamed } from '../integration/store-databases.js';
import { describeWithReplicas } from '../support/replicas/replica-set.js';
import { freePort } from '../support/service/free-port.js';
import { closeGuidesAfterEach, Guide } from '../support/service/guide.js';

jest.setTimeout(120_000);
closeGuidesAfterEach();

/** The ports of the guide, each with a free one. */
async function freePorts(...ports: readonly string[]): Promise<Record<string, string>> {
  return Object.fromEntries(await Promise.all(ports.map(async (port) => [port, String(await freePort())])));
}

describeWithReplicas('docs/guides', () => {
  test('three-replicas.md shows what it says', async () => {
    const database = await databaseNamed('PostgreSQL').create();
    try {
      const guide = await Guide.open('three-replicas.md', {
        'postgres://clusterer:secret@127.0.0.1:5432/clusterer': database.url,
        ...(await freePorts('4222', '8081', '8082', '8083', '5561', '5562', '5563')),
      });
      const started = await guide.until('sh started');
      for (const replica of ['hub-2', 'hub-3'])
        await guide.shows(replica, '[2026-03-01 12:00:00.000] INFO: listening …');
      await guide.type(started);
      const stopped = await guide.until('sh stopped');
      await guide.interrupt('hub-1');
      await guide.type(stopped);
      await guide.end();
      await guide.close();
    } finally {
      await database.drop();
    }
  });
});
