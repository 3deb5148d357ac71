import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Option } from 'commander';
import { EXIT, Failure } from './failure.js';
import type { Host } from './host.js';

export interface Yes {
  readonly yes?: true;
}

export function yesOption(): Option {
  return new Option('-y, --yes', 'do not ask (a command without a terminal never asks)');
}

/** Asks before a change of several machines; one machine was named on purpose. @throws Failure */
export async function confirmSeveral(
  question: string,
  machines: readonly number[],
  host: Host,
  { yes }: Yes,
): Promise<void> {
  if (machines.length > 1) await confirm(question, host, yes);
}

/** Asks a person at a terminal. A script has nobody to ask, and what it does was decided before. @throws Failure if the reply is not yes */
export async function confirm(question: string, { stdin, stderr }: Host, yes = false): Promise<void> {
  if (yes || stdin.isTTY !== true || stderr.isTTY !== true) return;
  stderr.write(`${question} [y/N] `);
  const lines = createInterface({ input: stdin });
  try {
    const reply = await Promise.race([
      once(lines, 'line').then(([line]) => String(line)),
      once(lines, 'close').then(() => ''),
    ]);
    if (!/^\s*y(es)?\s*$/i.test(reply)) throw new Failure(EXIT.refused, 'Nothing was changed.');
  } finally {
    lines.close();
  }
}
