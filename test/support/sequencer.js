const { default: Sequencer } = require('@jest/test-sequencer');

/** Files that mostly wait, for real time-outs, processes, servers or a browser: longest first, from 75 to 12 s. */
const WAITING = [
  'integration/nats/cluster',
  'e2e/page-view',
  'replicas/process-failures',
  'e2e/outage-postgresql',
  'integration/store-tls',
  'e2e/outage-mariadb',
  'e2e/demo',
  'integration/bin-vanished',
  'replicas/log-full',
  'e2e/process-stop',
  'e2e/fleet-tags',
  'e2e/page-proxy',
  'replicas/starts',
  'e2e/bench',
  'e2e/client-reconnect',
  'replicas/log-servers',
  'replicas/log-outage',
  'replicas/log-cut',
  'e2e/page-packets',
  'e2e/tour',
  'e2e/token-file',
  'e2e/client-slow',
  'e2e/image',
  'e2e/debian-package',
  'replicas/fleet',
  'integration/nats/replicas',
  'integration/nats/lease',
  'integration/store-outage',
  'e2e/page-picture',
  'e2e/reference',
  'e2e/fleet-membership',
  'e2e/client-cuts',
  'e2e/fleet-sync',
  'e2e/guides-production',
  'e2e/guides-fleets',
];

/** So many others come between two of them. */
const BETWEEN = 4;

/** Spreads the files that wait among those that compute, so that neither the processor nor the workers are idle at any time. */
class WaitingFilesAmongOthers extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => WAITING.findIndex((name) => path.endsWith(`/${name}.test.ts`));
    const waiting = tests.filter((test) => rank(test) >= 0).sort((a, b) => rank(a) - rank(b));
    const others = super.sort(tests.filter((test) => rank(test) < 0));
    const sorted = [];
    while (waiting.length > 0 && others.length > 0) sorted.push(waiting.shift(), ...others.splice(0, BETWEEN));
    return [...sorted, ...waiting, ...others];
  }
}
module.exports = WaitingFilesAmongOthers;
