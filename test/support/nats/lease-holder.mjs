// A process that holds the lease until it is frozen. It prints `held`, and after a pause of more than 2.5 s whether it still holds it.
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../../dist/', import.meta.url));
const { connectNats } = require('./nats/connection.js');
const { LEASE_MS, Lease } = require('./nats/lease.js');
const { openBucket } = require('./nats/bucket.js');
const { systemClock: clock } = require('./process/system-clock.js');

const log = { debug() {}, info() {}, warn() {}, error() {} };
const [, , server, bucketName] = process.argv;
const connection = await connectNats({ servers: [server], credsFile: '', caFile: '', name: 'holder', clock, log });
const bucket = await openBucket(connection.nats, { name: bucketName, maxAgeMs: LEASE_MS, replicas: 1 });
const lease = new Lease(bucket, 'frozen', clock, log);
lease.onChange(() => lease.isHeld() && process.stdout.write('held\n'));
lease.start();

let last = performance.now();
(function look() {
  // The first thing that runs after the pause.
  const isHeld = lease.isHeld();
  if (performance.now() - last > 2_500) process.stdout.write(`woke ${isHeld}\n`);
  last = performance.now();
  setTimeout(look, 5);
})();
