import { parseJson } from './json-text.js';

/** A number as text, digit for digit, because JavaScript may not represent it exactly. */
export class ExactNumber {
  constructor(readonly text: string) {}
}

/** JavaScript may write these numbers differently. All others, integers of at most 15 digits, stay the same. */
const MAY_CHANGE = /\d[.eE]|\d{16}|-0/;

const NUMBER = /-?\d[\d.eE+-]*/y;

const [QUOTE, BACKSLASH, MINUS, ZERO, NINE] = [0x22, 0x5c, 0x2d, 0x30, 0x39];

/**
 * Replaces each numeric `id` of a parsed message that JavaScript would write differently (above 2^53, 1e400, 1.10) by an `ExactNumber`.
 * Node 20 does not give access to the source text of a parsed number, so the text is parsed again with all numbers in quotes.
 * @param text the text from which `message` was parsed
 */
export function keepExactIds(message: unknown, text: string): void {
  if (!MAY_CHANGE.test(text) || !requestsOf(message).some(hasNumberId)) return;
  const written = requestsOf(parseJson(quoteNumbers(text)));
  requestsOf(message).forEach((request, index) => {
    if (!hasNumberId(request)) return;
    const { id } = Object(written[index]);
    if (String(request.id) !== id) request.id = new ExactNumber(String(id));
  });
}

/** The requests of a batch, or the single one. */
function requestsOf(message: unknown): unknown[] {
  return [message].flat();
}

function hasNumberId(request: unknown): request is { id: unknown } {
  return typeof request === 'object' && request !== null && 'id' in request && typeof request.id === 'number';
}

/** Returns the same JSON with each number as a string. */
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

/** Returns the offset after the string that begins at `start`. */
function endOfString(json: string, start: number): number {
  let i = start + 1;
  while (i < json.length && json.charCodeAt(i) !== QUOTE) i += json.charCodeAt(i) === BACKSLASH ? 2 : 1;
  return i + 1;
}
