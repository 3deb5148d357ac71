import { type Command, InvalidArgumentError } from 'commander';
import { LARGEST_ID } from '../schemas/common.js';
import { Output } from './output.js';

/** Where answers go, as `--json` says. */
export function outputOf(command: Command): Output {
  return new Output(process.stdout, command.optsWithGlobals<{ json?: boolean }>().json === true);
}

/** The id of a cluster or a machine. */
export function id(text: string): number {
  const number = integer(text);
  if (number < 1 || number > LARGEST_ID) throw new InvalidArgumentError(`An id is 1 to ${LARGEST_ID}.`);
  return number;
}

export function integer(text: string): number {
  if (!/^-?\d{1,10}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

export function seconds(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('It must be a number of seconds.');
  return Number(text);
}

const UNIT_MS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 };

/** A length of time as people write it, `90s`, `30m` or `1h30m`, in milliseconds. */
export function duration(text: string): number {
  const parts = [...text.matchAll(/(\d{1,6})([dhms])/g)];
  const total = parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (UNIT_MS[unit] ?? 0), 0);
  if (parts.map(([part]) => part).join('') !== text || total === 0) {
    throw new InvalidArgumentError('It is a length of time as in 90s, 30m, 1h30m or 2d.');
  }
  return total;
}
