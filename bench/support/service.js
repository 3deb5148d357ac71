const { ClusterService } = require('../../dist/service/cluster-service.js');
const { systemClock } = require('../../dist/system-clock.js');

const QUIET = () => {};

/** A service without sockets on this store. `debug` hears what it says at that level. */
function serviceOn(store, { debug = QUIET, persistent = false } = {}) {
  const log = { info: QUIET, warn: QUIET, error: QUIET, debug };
  const sender = { send: QUIET, disconnect: QUIET, close: async () => {} };
  const resolver = { resolve: async (host) => host };
  const options = { serverId: 0, persistent, syncIntervalMs: 300 };
  return new ClusterService({ store, sender, resolver, clock: systemClock, log }, options);
}

module.exports = { serviceOn };
