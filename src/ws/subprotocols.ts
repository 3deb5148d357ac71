/** Text frames only. */
export const TEXT_SUBPROTOCOL = 'clusterer.v1';

/** Packets travel as binary frames, everything else as text. */
export const BINARY_SUBPROTOCOL = 'clusterer.v1.bin';

/** The one of those offered that is spoken, the client's order first; undefined when there is none. */
export function chosenOf(offered: Iterable<string>): string | undefined {
  return [...offered].find((name) => name === TEXT_SUBPROTOCOL || name === BINARY_SUBPROTOCOL);
}

/** A name is a token (RFC 9110, 5.6.2). */
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** The names of a header `Sec-WebSocket-Protocol`; null when it is not a list of different names. */
export function offeredIn(header: string): Set<string> | null {
  // Not trim(), which takes more for blanks than HTTP does.
  const names = header.split(/[ \t]*,[ \t]*/);
  const offered = new Set(names);
  return offered.size === names.length && names.every((name) => NAME.test(name)) ? offered : null;
}
