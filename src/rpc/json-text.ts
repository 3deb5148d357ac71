/**
 * What no message comes near to. Nesting and the number of values are what parsing costs, far more than bytes: a mebibyte
 * of brackets would stop everybody for a tenth of a second. RFC 8259, section 9, leaves such limits to whoever parses.
 */
const DEEPEST = 64;
const MOST_VALUES = 20_000;

/** Characters; what is shorter cannot be dear. */
const CHEAP = 4_096;

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const OPENING: readonly number[] = [0x5b, 0x7b];
const CLOSING: readonly number[] = [0x5d, 0x7d];

/** Some editors and Windows tools begin a text with it; RFC 8259, section 8.1, lets a reader skip it. */
const BYTE_ORDER_MARK = '\ufeff';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of bytes in UTF-8; undefined when they are not. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The value a text of JSON holds; undefined, which no JSON means, when it is none, or is nested too deeply or has too many values. */
export function parseJson(text: string): unknown {
  if (text.length > CHEAP && !isWithinBounds(text)) return undefined;
  try {
    return JSON.parse(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
  } catch {
    return undefined;
  }
}

/** Looks no closer than it must: what is no JSON may pass. */
function isWithinBounds(text: string): boolean {
  let depth = 0;
  let values = 1;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i);
    if (quoted) {
      if (character === BACKSLASH) i++;
      else if (character === QUOTE) quoted = false;
    } else if (character === QUOTE) quoted = true;
    else if (OPENING.includes(character)) depth++;
    else if (CLOSING.includes(character)) depth--;
    else if (character === COMMA) values++;
    if (depth > DEEPEST || values > MOST_VALUES) return false;
  }
  return true;
}
