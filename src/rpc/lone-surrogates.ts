import { type FieldFault, pointerPart } from '../ground/errors.js';

/** More than any request has fields. */
const MAX_FAULTS = 64;

const DETAIL = 'must be text without a lone surrogate';

/**
 * Finds lone surrogates, which JSON allows (`"\ud800"`) and UTF-8 cannot encode: stored or sent, they would become U+FFFD.
 * Returns one fault for each field that has some; for a value without fields, one for the whole.
 */
export function loneSurrogates(value: unknown): FieldFault[] {
  if (!isObject(value)) return faultsAt(firstLoneSurrogate(value, ''));
  const faults = Object.entries(value).flatMap(([name, field]) =>
    faultsAt(firstLoneSurrogate(field, `/${pointerPart(name)}`)),
  );
  return faults.slice(0, MAX_FAULTS);
}

/** Returns the JSON pointer of the first one; undefined when there is none. */
function firstLoneSurrogate(value: unknown, pointer: string): string | undefined {
  if (typeof value === 'string') return value.isWellFormed() ? undefined : pointer;
  if (!isObject(value)) return undefined;
  for (const [name, field] of Object.entries(value)) {
    const found = firstLoneSurrogate(field, `${pointer}/${pointerPart(name)}`);
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
