import { existsSync } from 'node:fs';
import closeWithGrace from 'close-with-grace';
import { type App, startApp } from './app.js';
import { ConfigError, readConfig, unknownVariables } from './config.js';

/** How long a stop may take before the process ends all the same. */
const STOP_MS = 9_000;

async function main(): Promise<void> {
  // The real environment wins over .env.
  if (existsSync('.env')) process.loadEnvFile('.env');
  const config = readConfig(process.env);
  for (const name of unknownVariables(process.env))
    say(`${name} is set, but no variable of this version; it is ignored.`);
  const app: App = await startApp(config);
  closeWithGrace({ delay: STOP_MS, logger: { error: say } }, async ({ err }) => {
    if (err) say(err.stack ?? err.message);
    await app.stop();
  });
}

function say(message: unknown): void {
  process.stderr.write(`clusterer: ${message}\n`);
}

main().catch((error: unknown) => {
  if (error instanceof ConfigError) say(error.message);
  else say(error instanceof Error ? error.message : error);
  process.exit(1);
});
