import { CallFailure, InvalidParams, type NamedParams, type Params } from '../../../rpc/json-rpc.js';
import { LARGEST_ID } from '../../../schemas/values.js';
import type { Caller, Role } from '../../../security/tokens.js';

export interface MiCommand {
  readonly role: Role;
  /** Alternative lists of parameter names, as `which` returns them. Positional parameters follow the list of the same length. */
  readonly lists: readonly (readonly string[])[];
  run(params: NamedParams, caller: Caller): unknown;
}

/**
 * Returns the parameters by name; they may come by position.
 * @throws `InvalidParams` for too many parameters or an unknown name
 */
export function namedParams(params: Params, { lists }: MiCommand): NamedParams {
  if (isList(params)) {
    const longest = lists.reduce((found, list) => (list.length > found.length ? list : found), []);
    const names = lists.find((list) => list.length === params.length) ?? longest;
    if (params.length <= names.length) return Object.fromEntries(params.map((value, index) => [names[index], value]));
    const detail = `is one parameter too many; the command has ${names.length}`;
    throw new InvalidParams([{ pointer: `/${names.length}`, detail }]);
  }
  const known = new Set(lists.flat());
  const unknown = Object.keys(params).find((name) => !known.has(name));
  if (unknown === undefined) return params;
  throw new InvalidParams([{ pointer: `/${unknown}`, detail: 'is not a parameter of this command' }]);
}

function isList(params: Params): params is readonly unknown[] {
  return Array.isArray(params);
}

/**
 * A parameter that is an integer from `least` to `most`; MI tools send numbers as text.
 * @throws `InvalidParams` if it is missing or not a number, and what OpenSIPS 4.0 returns for another number
 */
export function integerParam(params: NamedParams, name: string, least = 1, most = LARGEST_ID): number {
  const value = params[name];
  if (value === undefined) throw new InvalidParams([{ pointer: `/${name}`, detail: 'is required' }]);
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number)) {
    throw new InvalidParams([{ pointer: `/${name}`, detail: 'must be an integer' }]);
  }
  if (number >= least && number <= most) return number;
  throw new CallFailure(400, `Bad value for '${name}'`);
}

/** @throws `InvalidParams` */
export function textParam(params: NamedParams, name: string): string {
  const value = params[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new InvalidParams([{ pointer: `/${name}`, detail: 'is required, and must be text' }]);
}
