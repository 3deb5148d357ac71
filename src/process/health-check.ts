import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import { type Config, readConfig } from '../config/variables.js';
import { readDotEnv } from './dot-env.js';
import { say } from './streams.js';

// What a container's health check runs: `node dist/process/health-check.js /readyz` ends with 0 while the service of this configuration returns 200.

/** Shorter than the 3 s after which Docker gives up, so that the reason is said. */
const TIMEOUT_MS = 2_500;

/** Where to reach a service that listens on all addresses. */
const OWN_ADDRESS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

function check({ httpHost, httpPort, tlsCert }: Config, path: string): void {
  const get = tlsCert === '' ? getHttp : getHttps;
  // The certificate names the service as others see it, and not as this process does.
  const asked = get({
    host: OWN_ADDRESS[httpHost] ?? httpHost,
    port: httpPort,
    path,
    rejectUnauthorized: false,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  asked.on('response', ({ statusCode }) => {
    if (statusCode !== 200) say(`${path} returns ${statusCode}`);
    process.exit(statusCode === 200 ? 0 : 1);
  });
  asked.on('error', (error) => fail(error));
}

function fail(error: unknown): void {
  say(error instanceof Error ? error.message : error);
  process.exit(1);
}

try {
  const faults = readDotEnv('.env', process.env);
  check(readConfig(process.env, faults), process.argv[2] ?? '/readyz');
} catch (error) {
  fail(error);
}
