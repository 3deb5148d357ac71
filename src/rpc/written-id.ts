import { parseJson } from './json-text.js';

/** A number as its sender wrote it: JavaScript may not hold it exactly. */
export class WrittenNumber {
  constructor(readonly text: string) {}
}

/** Other numbers come out as they went in: integers of at most 15 digits. */
const MAY_COME_OUT_CHANGED = /\d[.eE]|\d{16}|-0/;

const NUMBER = /-?\d[\d.eE+-]*/y;

const [QUOTE, BACKSLASH, MINUS, ZERO, NINE] = [0x22, 0x5c, 0x2d, 0x30, 0x39];

/**
 * Gives each request of a parsed message the `id` that its text has, where that is a number that JavaScript would write in another way
 * (above 2^53, 1e400, 1.10). Node 20 does not show the source text of what it parses, so the text is parsed again with all numbers in quotes.
 * @param text of which `message` was parsed
 */
export function keepWrittenIds(message: unknown, text: string): void {
  if (!MAY_COME_OUT_CHANGED.test(text) || !requestsOf(message).some(hasNumberId)) return;
  const written = requestsOf(parseJson(quoteNumbers(text)));
  requestsOf(message).forEach((request, index) => {
    if (!hasNumberId(request)) return;
    const { id } = Object(written[index]);
    if (String(request.id) !== id) request.id = new WrittenNumber(String(id));
  });
}

/** Those of a batch, or the one. */
function requestsOf(message: unknown): unknown[] {
  return [message].flat();
}

function hasNumberId(request: unknown): request is { id: unknown } {
  return typeof request === 'object' && request !== null && 'id' in request && typeof request.id === 'number';
}

/** The same JSON, each number as a string. */
function quoteNumbers(json: string): string {
  let quoted = '';
  let copied = 0;
  for (let i = 0; i < json.length; ) {
    const character = json.charCodeAt(i);
    if (character === QUOTE) i = endOfString(json, i);
    else if (character === MINUS || (character >= ZERO && character <= NINE)) {
      NUMBER.lastIndex = i;
      const [number = ''] = NUMBER.exec(json) ?? [];
      quoted += `${json.slice(copied, i)}"${number}"`;
      i += number.length;
      copied = i;
    } else i++;
  }
  return quoted + json.slice(copied);
}

/** The place after the string that begins here. */
function endOfString(json: string, start: number): number {
  let i = start + 1;
  while (i < json.length && json.charCodeAt(i) !== QUOTE) i += json.charCodeAt(i) === BACKSLASH ? 2 : 1;
  return i + 1;
}
