import { type App, startApp } from './app.js';
import { readConfig, unknownVariables } from './config/variables.js';
import { messageOf } from './ground/message-of.js';
import { processRegistry } from './metrics/process.js';
import { useBaselineWasm } from './process/baseline-wasm.js';
import { collectGarbageIfIdle } from './process/collect-garbage.js';
import { readDotEnv } from './process/dot-env.js';
import { Shutdown } from './process/shutdown.js';
import { onSignals } from './process/signals.js';
import { outliveStreams, printError } from './process/streams.js';

async function main(): Promise<void> {
  outliveStreams();
  useBaselineWasm();
  const faults = readDotEnv('.env', process.env);
  const config = readConfig(process.env, faults);
  for (const name of unknownVariables(process.env)) printError(`unknown variable ${name}; it is ignored`);
  let app: App | undefined;
  let reloadAfterStart = false;
  // Before the start: a signal during the start ends the process too.
  const shutdown = new Shutdown(async () => app?.stop());
  onSignals({
    stop: () => shutdown.begin(),
    reload: () => {
      if (app === undefined) reloadAfterStart = true;
      else void app.reload();
    },
  });
  app = await startApp(config, { registry: processRegistry() });
  void app.failed.then((reason) => shutdown.fail(`this replica must start again: ${reason}`));
  if (reloadAfterStart) void app.reload();
  collectGarbageIfIdle();
}

main().catch((error: unknown) => {
  printError(messageOf(error));
  process.exit(1);
});
