import { type FieldFault, pointerPart } from '../ground/errors.js';

/** No request has as many fields. */
const MOST_FAULTS = 64;

const DETAIL = 'must be text, and not hold half of a surrogate pair';

/**
 * JSON may name half of a character that takes two UTF-16 units (`"\ud800"`). It is not text: kept or sent on, in UTF-8, it would be U+FFFD.
 * Of each field one place is named; without fields, of the whole.
 */
export function halfCharacters(value: unknown): FieldFault[] {
  if (!isObject(value)) return faultsAt(firstHalf(value, ''));
  const faults = Object.entries(value).flatMap(([name, field]) => faultsAt(firstHalf(field, `/${pointerPart(name)}`)));
  return faults.slice(0, MOST_FAULTS);
}

/** Where it is, as a JSON pointer; undefined when there is none. */
function firstHalf(value: unknown, pointer: string): string | undefined {
  if (typeof value === 'string') return value.isWellFormed() ? undefined : pointer;
  if (!isObject(value)) return undefined;
  for (const [name, field] of Object.entries(value)) {
    const found = firstHalf(field, `${pointer}/${pointerPart(name)}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function faultsAt(pointer: string | undefined): FieldFault[] {
  return pointer === undefined ? [] : [{ pointer, detail: DETAIL }];
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
