import type { Client } from '../client/client.js';
import { connect } from '../client/node.js';
import type { Host } from './host.js';
import type { Output } from './output.js';
import type { Target } from './target.js';

/** Signals that end a running command, with the exit codes that shells expect. */
const SIGNALS = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const;

/** Connects, calls `use` and closes the client. @throws ClientError */
export async function withClient<T>({ url, token }: Target, use: (client: Client) => Promise<T>): Promise<T> {
  const client = await connect(url, { token });
  // The next call on the client reports it.
  client.closed.catch(() => {});
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

/**
 * Keeps a client connected, over lost connections, until a signal arrives, the reader of the output has gone, or a failure
 * is final. Closing the client ends its registrations. The exit code becomes the signal's, or 0.
 * @throws ClientError, and what a handler of `begin` threw
 */
export async function keepClient(
  { url, token }: Target,
  { output, host }: { readonly output: Output; readonly host: Host },
  begin: (client: Client) => Promise<unknown>,
): Promise<void> {
  let connections = 0;
  let ending = false;
  const { promise: failed, reject: fail } = rejection();
  const client = await connect(url, {
    token,
    onError: fail,
    onConnection: (connected) => {
      if (connected) connections++;
      if (ending || (connected && connections === 1)) return;
      host.stderr.write(`clusterer: ${connected ? 'reconnected' : 'connection lost; reconnecting'}\n`);
    },
  });
  const ended = Promise.race([signalOf(host), output.gone.then(() => 0), client.closed.then(() => 0), failed]);
  try {
    host.exitCode = await Promise.race([ended, begin(client).then(() => ended)]);
  } finally {
    ending = true;
    await client.close();
  }
}

function rejection() {
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<never>((_, rejectPromise) => {
    reject = rejectPromise;
  });
  return { promise, reject };
}

/** Resolves to the exit code of the first signal. A second signal ends the process at once. */
function signalOf(host: Host): Promise<number> {
  return new Promise((resolve) => {
    for (const [signal, exitCode] of SIGNALS) host.once(signal, () => resolve(exitCode));
  });
}
