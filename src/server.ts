import { existsSync } from 'node:fs';
import closeWithGrace from 'close-with-grace';
import { type App, startApp } from './app.js';
import { collectGarbage } from './collect-garbage.js';
import { ConfigError, readConfig, unknownVariables } from './config.js';
import { processRegistry } from './metrics/process.js';

/** How long a stop may take before the process ends all the same. */
const STOP_MS = 9_000;

/** What asks for a stop. It may come twice: Ctrl-C under `npm start` comes from the terminal and from npm. */
const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

async function main(): Promise<void> {
  readDotEnv();
  const config = readConfig(process.env);
  for (const name of unknownVariables(process.env))
    say(`${name} is set, but no variable of this version; it is ignored.`);
  let app: App | undefined;
  // Before the start: a signal that comes during it ends the process too.
  const options = { delay: STOP_MS, onTimeout: sayTooSlow, logger: { error: say }, skip: [...STOP_SIGNALS] };
  const grace = closeWithGrace(options, async ({ err }) => {
    if (err) say(err.stack ?? err.message);
    await app?.stop();
  });
  for (const signal of STOP_SIGNALS) process.on(signal, () => void grace.close());
  app = await startApp(config, { registry: processRegistry() });
  await collectGarbage();
}

/** The real environment wins over .env. */
function readDotEnv(): void {
  if (!existsSync('.env')) return;
  try {
    // A variable that is set to nothing counts as not set, and would keep the one of the file out.
    for (const name of Object.keys(process.env)) if (process.env[name] === '') delete process.env[name];
    process.loadEnvFile('.env');
  } catch (cause) {
    throw new Error('The file .env cannot be read: make it a text file that this user may read, or remove it.', {
      cause,
    });
  }
}

function sayTooSlow(delayMs: number): void {
  say(`the stop took longer than ${delayMs} ms; changes that the database has not taken by now are lost`);
}

function say(message: unknown): void {
  process.stderr.write(`clusterer: ${message}\n`);
}

main().catch((error: unknown) => {
  if (error instanceof ConfigError) say(error.message);
  else say(error instanceof Error ? error.message : error);
  process.exit(1);
});
