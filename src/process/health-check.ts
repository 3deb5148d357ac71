import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import { type Config, readConfig } from '../config/variables.js';
import { messageOf } from '../ground/message-of.js';
import { readDotEnv } from './dot-env.js';
import { printError } from './streams.js';

// The health check of a container: `node dist/process/health-check.js /readyz` exits with 0 while the service of this configuration returns 200.

/** Shorter than Docker's timeout of 3 s, so that the reason is printed. */
const TIMEOUT_MS = 2_500;

/** The address of a service that listens on all addresses. */
const OWN_ADDRESS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

function check({ httpHost, httpPort, tlsCert }: Config, path: string): void {
  const get = tlsCert === '' ? getHttp : getHttps;
  const request = get({
    host: OWN_ADDRESS[httpHost] ?? httpHost,
    port: httpPort,
    path,
    // The certificate names the service as clients address it.
    rejectUnauthorized: false,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  request.on('response', ({ statusCode }) => {
    if (statusCode !== 200) printError(`${path} returns ${statusCode}`);
    process.exit(statusCode === 200 ? 0 : 1);
  });
  request.on('error', (error) => fail(error));
}

function fail(error: unknown): void {
  printError(messageOf(error));
  process.exit(1);
}

try {
  const faults = readDotEnv('.env', process.env);
  check(readConfig(process.env, faults), process.argv[2] ?? '/readyz');
} catch (error) {
  fail(error);
}
