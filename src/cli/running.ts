import type { Client } from '../client/client.js';
import { connect } from '../client/node.js';
import type { Output } from './output.js';
import type { Target } from './target.js';

/** What ends a command that runs on, and the exit code that shells know for it. */
const SIGNALS = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const;

/** Does one thing with a client and closes it. @throws ClientError */
export async function withClient<T>({ url, token }: Target, use: (client: Client) => Promise<T>): Promise<T> {
  const client = await connect(url, { token });
  // It is told to whoever asks for something next.
  client.closed.catch(() => {});
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

/**
 * Keeps a client, over lost connections, until a signal comes, whoever reads the output has gone, or something is wrong
 * for good; closing it then ends its registrations. The exit code is the signal's, or 0.
 * @throws ClientError, and what a handler of `begin` threw
 */
export async function keepClient(
  { url, token }: Target,
  output: Output,
  begin: (client: Client) => Promise<unknown>,
): Promise<void> {
  let connections = 0;
  let ending = false;
  let fail: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const client = await connect(url, {
    token,
    onError: (error) => fail(error),
    onConnection: (connected) => {
      if (connected) connections++;
      if (ending || (connected && connections === 1)) return;
      process.stderr.write(`clusterer: ${connected ? 'connected again' : 'the connection is lost; trying again'}\n`);
    },
  });
  const ended = Promise.race([signalled(), output.gone.then(() => 0), client.closed.then(() => 0), failed]);
  try {
    process.exitCode = await Promise.race([ended, begin(client).then(() => ended)]);
  } finally {
    ending = true;
    await client.close();
  }
}

/** The exit code for the signal that comes; a second one ends the process at once. */
function signalled(): Promise<number> {
  return new Promise((resolve) => {
    for (const [signal, exitCode] of SIGNALS) process.once(signal, () => resolve(exitCode));
  });
}
