import { ClientError } from '../client/error.js';
import { EXIT, Failure } from './failure.js';

/**
 * Calls the service for one machine after the other, and prints what was done, also when a call fails. A machine that does not exist
 * does not stop the others; any other failure would repeat itself.
 * @throws ClientError, Failure
 */
export async function eachMachine<T>(
  machines: readonly number[],
  call: (machine: number) => Promise<T>,
  print: (done: readonly T[]) => Promise<void>,
): Promise<void> {
  const done: T[] = [];
  const unknown: number[] = [];
  try {
    for (const machine of machines) {
      try {
        done.push(await call(machine));
      } catch (error) {
        if (machines.length === 1 || !(error instanceof ClientError && error.code === 'unknown_machine')) throw error;
        unknown.push(machine);
      }
    }
  } finally {
    if (done.length > 0) await print(done);
  }
  if (unknown.length === 0) return;
  const result = done.length === 0 ? 'Nothing was changed' : `${done.length} of ${machines.length} were changed`;
  throw new Failure(EXIT.refused, `The cluster has no ${machinesText(unknown)}. ${result}.`);
}

/** `machine 2`, `machines 2, 3, 9` */
export function machinesText(machines: readonly number[]): string {
  return `machine${machines.length === 1 ? '' : 's'} ${machines.join(', ')}`;
}
