const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * Files that wait for real time-outs, processes or a browser for 20 s or more, longest first.
 * Most are short to read, and Jest starts the largest files first when it has no times of an earlier run.
 */
const LONG = [
  'e2e/page-view',
  'integration/bin-vanished',
  'e2e/bench',
  'e2e/process-stop',
  'e2e/outage-postgresql',
  'integration/store-tls',
  'e2e/process-start',
  'e2e/tour',
  'e2e/guides',
  'e2e/guides-fleets',
  'e2e/outage-mariadb',
  'e2e/page-proxy',
  'e2e/proxies',
  'e2e/process-streams',
  'e2e/socket-slow',
  'integration/store-outage',
  'e2e/client-reconnect',
  'integration/nats/cluster',
  'integration/nats/replicas',
  'replicas/process-failures',
  'replicas/guide',
  'replicas/fleet',
  'replicas/log-failures',
  'replicas/starts',
  'replicas/log-full',
  'replicas/log-servers',
  'replicas/log-outage',
  'replicas/log-cut',
  'e2e/guides-production',
  'e2e/guides',
];

/** Starts the long files first, so that no worker ends the run alone with one of them. */
class LongFilesFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => LONG.findIndex((name) => path.endsWith(`/${name}.test.ts`)) >>> 0;
    return super.sort(tests).sort((a, b) => rank(a) - rank(b));
  }
}
module.exports = LongFilesFirst;
