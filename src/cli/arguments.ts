import { InvalidArgumentError } from 'commander';
import { LARGEST_ID } from '../schemas/values.js';
import { EXIT, Failure } from './failure.js';

/** Node replaces bytes that are not UTF-8 by U+FFFD; without this check the replacement would be sent. @throws Failure */
export function refuseInvalidUtf8(args: readonly string[]): void {
  const garbled = args.findIndex((arg) => arg.includes('\ufffd'));
  if (garbled === -1) return;
  const detail = `Argument ${garbled + 1} is not valid UTF-8. Pass binary data with --base64 or --file.`;
  throw new Failure(EXIT.usage, detail);
}

/** The id of a cluster or a machine. */
export function id(text: string): number {
  const number = integer(text);
  if (number < 1 || number > LARGEST_ID) throw new InvalidArgumentError(`An id is 1 to ${LARGEST_ID}.`);
  return number;
}

/** The largest number of machines that one command changes. */
const MOST_MACHINES = 1000;

/** The ids of machines, such as `2` or `1,2-5,9`; sorted, each once. */
export function ids(text: string): readonly number[] {
  const chosen = new Set<number>();
  for (const part of text.split(',')) {
    const [first = '', last = first, ...more] = part.split('-');
    const [from, to] = [id(first), id(last)];
    if (more.length > 0 || from > to) throw new InvalidArgumentError('A range is first-last, such as 2-5.');
    if (to - from >= MOST_MACHINES) throw new InvalidArgumentError(`At most ${MOST_MACHINES} machines at once.`);
    for (let machine = from; machine <= to; machine++) chosen.add(machine);
  }
  if (chosen.size > MOST_MACHINES) throw new InvalidArgumentError(`At most ${MOST_MACHINES} machines at once.`);
  return [...chosen].sort((a, b) => a - b);
}

export function integer(text: string): number {
  if (!/^-?\d{1,10}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

export function count(text: string): number {
  const number = integer(text);
  if (number < 1) throw new InvalidArgumentError('It must be at least 1.');
  return number;
}

export function seconds(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('It must be a number of seconds.');
  return Number(text);
}

/** Days, hours, minutes, seconds: at least one of them, each at most five digits. */
const DURATION = /^(?=.)(?:(\d{1,5})d)?(?:(\d{1,5})h)?(?:(\d{1,5})m)?(?:(\d{1,5})s)?$/;

/** A duration such as `90s`, `30m` or `1h30m`, in milliseconds. */
export function duration(text: string): number {
  const parts = DURATION.exec(text)?.slice(1);
  if (parts === undefined) throw new InvalidArgumentError('It must be a duration such as 90s, 30m, 1h30m or 2d.');
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.map((part) => Number(part ?? 0));
  const length = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
  if (length === 0) throw new InvalidArgumentError('It must be longer than zero.');
  return length;
}

/** RFC 3339. The service checks that the day exists and that the time is in the future. */
const TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

/** A time in the form that the service accepts. */
export function time(text: string): string {
  if (!TIME.test(text) || Number.isNaN(Date.parse(text))) {
    throw new InvalidArgumentError(
      'It must be a time such as 2026-11-22T18:00:00Z, with Z or an offset such as +01:00.',
    );
  }
  return text;
}
