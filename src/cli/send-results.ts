import { textTable } from '../text/text-table.js';
import { EXIT, Failure } from './failure.js';
import type { Output } from './output.js';

interface Result {
  readonly machine_id: number;
  readonly sent: boolean;
  readonly error?: string;
}

interface Sending {
  /** For the error, such as `packet`. */
  readonly what: string;
  readonly cluster: number;
  /** The only machine that was meant; undefined: all. */
  readonly machine: number | undefined;
}

/** Prints one row for each machine that was tried; `more` is for programs. @throws Failure unless it was sent to all of them, and to at least one */
export async function printResults(
  output: Output,
  results: readonly Result[],
  sending: Sending,
  more: object = {},
): Promise<void> {
  const { what, cluster, machine } = sending;
  await output.answer({ ...more, results }, () =>
    textTable(
      [
        ['MACHINE', (result) => result.machine_id],
        ['SENT', (result) => (result.sent ? 'yes' : 'no')],
        ['ERROR', (result) => result.error ?? null],
      ],
      results,
    ),
  );
  if (results.length === 0) {
    const none =
      machine === undefined ? `No machine of cluster ${cluster} is` : `Machine ${machine} of cluster ${cluster} is not`;
    throw new Failure(EXIT.refused, `${none} up. Nothing was sent.`);
  }
  const failed = results.filter(({ sent }) => !sent).length;
  if (failed > 0) {
    throw new Failure(EXIT.refused, `The ${what} was not sent to ${failed} of ${results.length} machines.`);
  }
}
