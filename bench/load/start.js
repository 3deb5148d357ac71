/** Loads a table into a service without sockets, or reads the same rows and does nothing with them. */
const { performance } = require('node:perf_hooks');
const { createClient } = require('@libsql/client');
const { answerCalls } = require('../support/calls.js');
const { serviceOn } = require('../support/service.js');
const { openStores } = require('../support/table.js');

answerCalls({
  /** Milliseconds from a service that knows nothing to one that has the table in memory. */
  load: async ({ url }) => {
    const stores = await openStores(url);
    const service = serviceOn(stores);
    const started = performance.now();
    await service.loader.reload();
    const ms = performance.now() - started;
    await service.stop();
    await stores.machines.close();
    return ms;
  },
  /** Milliseconds of the bare statement, by the same driver. */
  select: async ({ url }) => {
    const client = createClient({ url });
    await client.execute('SELECT 1');
    const started = performance.now();
    await client.execute('SELECT * FROM clusterer');
    const ms = performance.now() - started;
    client.close();
    return ms;
  },
});
