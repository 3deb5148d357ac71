const { readConfig } = require('../../dist/config/variables.js');
const { ClusterService } = require('../../dist/service/cluster-service.js');
const { systemClock } = require('../../dist/process/system-clock.js');

const QUIET = () => {};

/** A service without sockets on these stores. `debug` hears what it says at that level. */
function serviceOn({ machines: store, own }, { debug = QUIET, persistent = false } = {}) {
  const log = { info: QUIET, warn: QUIET, error: QUIET, debug };
  const sender = { send: QUIET, disconnect: QUIET, close: async () => {} };
  const resolver = { resolve: async (host) => host };
  const options = { ...readConfig({}), persistent, syncIntervalMs: 300 };
  return new ClusterService({ store, own, sender, resolver, clock: systemClock, log }, options);
}

module.exports = { serviceOn };
