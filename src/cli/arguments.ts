import { type Command, InvalidArgumentError } from 'commander';
import { LARGEST_ID } from '../schemas/common.js';
import { EXIT, Failure } from './failure.js';
import { Output } from './output.js';

/** Where answers go, as `--json` says. */
export function outputOf(command: Command): Output {
  return new Output(process.stdout, command.optsWithGlobals<{ json?: boolean }>().json === true);
}

/** Node puts U+FFFD in the place of bytes that are not UTF-8, and they would be sent so. @throws `Failure` */
export function refuseGarbled(args: readonly string[]): void {
  const garbled = args.findIndex((arg) => arg.includes('\ufffd'));
  if (garbled === -1) return;
  const detail = `Argument ${garbled + 1} is not UTF-8; write it in UTF-8, and give bytes with --base64 or --file.`;
  throw new Failure(EXIT.usage, detail);
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

/** Days, hours, minutes, seconds: at least one of them, and none longer than five digits. */
const DURATION = /^(?=.)(?:(\d{1,5})d)?(?:(\d{1,5})h)?(?:(\d{1,5})m)?(?:(\d{1,5})s)?$/;

/** A length of time as people write it, `90s`, `30m` or `1h30m`, in milliseconds. */
export function duration(text: string): number {
  const parts = DURATION.exec(text)?.slice(1);
  if (parts === undefined) throw new InvalidArgumentError('It is a length of time as in 90s, 30m, 1h30m or 2d.');
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.map((part) => Number(part ?? 0));
  const length = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
  if (length === 0) throw new InvalidArgumentError('It must be longer than nothing.');
  return length;
}

/** RFC 3339; whether there is such a day, and whether it is over, the service says. */
const TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

/** A point in time as the service takes it. */
export function time(text: string): string {
  if (!TIME.test(text) || Number.isNaN(Date.parse(text))) {
    throw new InvalidArgumentError('It must be a time as in 2026-11-22T18:00:00Z, with Z or an offset such as +01:00.');
  }
  return text;
}
