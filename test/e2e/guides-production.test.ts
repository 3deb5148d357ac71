import { spawnSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../support/service/free-port.js';
import { closeGuidesAfterEach, Guide } from '../support/service/guide.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

jest.setTimeout(120_000);
stopServicesAfterEach();
closeGuidesAfterEach();

// Without openssl this is skipped, and fails with CI=true.
const withOpenssl = process.env.CI === 'true' || spawnSync('openssl', ['version']).status === 0 ? test : test.skip;

withOpenssl('tokens-and-tls.md shows what it says', async () => {
  const guide = await Guide.open('tokens-and-tls.md');
  await guide.end();
});

const hasPrometheus = ['promtool', 'prometheus'].every((program) => spawnSync(program, ['--version']).status === 0);

/** Types a query until its result is the one that the guide shows. Prometheus scrapes once a second, and each query starts a program. */
async function typeUntil(guide: Guide, query: string, result: RegExp): Promise<void> {
  while (!result.test(await guide.type(query))) await delay(200);
}

(hasPrometheus || process.env.CI === 'true' ? test : test.skip)(
  'alerts.md shows what it says (needs Prometheus)',
  async () => {
    const guide = await Guide.open('alerts.md', {
      '127.0.0.1:9090': `127.0.0.1:${await freePort()}`,
      '_interval: 15s': '_interval: 1s',
    });
    const service = await startService({ CLUSTERER_HTTP_PORT: String(guide.http) });
    for (const id of [1, 2]) await service.provision(1, id, 'bin:127.0.0.2:5555');
    await typeUntil(guide, await guide.until('sh scraped'), /=> 1 /);
    const query = await guide.until('sh stopped');
    await service.stop();
    await typeUntil(guide, query, /alertstate="pending"/);
    await guide.end();
  },
);
