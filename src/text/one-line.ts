/** Makes text from outside safe for one line of a terminal: no line breaks, no control characters. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, ' ');
}
