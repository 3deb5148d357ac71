/** Text from outside as a part of one line of a terminal: nothing in it breaks the line or commands the terminal. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, ' ');
}
