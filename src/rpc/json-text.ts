/**
 * No real message comes near these limits. The cost of parsing depends on nesting and the number of values far more than on bytes: one
 * mebibyte of brackets would block the event loop for a tenth of a second. RFC 8259, section 9, allows such limits.
 */
const MAX_DEPTH = 64;
const MAX_VALUES = 20_000;

/** Characters. Shorter texts are cheap to parse, and are not checked. */
const CHEAP = 4_096;

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const OPENING: readonly number[] = [0x5b, 0x7b];
const CLOSING: readonly number[] = [0x5d, 0x7d];

/** Some editors and Windows tools write it first. RFC 8259, section 8.1, allows a reader to skip it. */
const BYTE_ORDER_MARK = '\ufeff';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Decodes UTF-8. Returns undefined when the bytes are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Parses JSON. Returns undefined when the text is not JSON, is nested too deeply or has too many values. */
export function parseJson(text: string): unknown {
  if (text.length > CHEAP && !isWithinBounds(text)) return undefined;
  try {
    return JSON.parse(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
  } catch {
    return undefined;
  }
}

/** Checks only the limits: a text that is not JSON may pass. */
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
    if (depth > MAX_DEPTH || values > MAX_VALUES) return false;
  }
  return true;
}
