/** Text only. */
export const TEXT_SUBPROTOCOL = 'clusterer.v1';

/** Packets as binary frames, everything else as text. */
export const BINARY_SUBPROTOCOL = 'clusterer.v1.bin';

/** The first offered name that the service speaks, in the client's order. */
export function chosenOf(offered: Iterable<string>): string | undefined {
  return [...offered].find((name) => name === TEXT_SUBPROTOCOL || name === BINARY_SUBPROTOCOL);
}

/** A token (RFC 9110, section 5.6.2). */
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** The names in a `Sec-WebSocket-Protocol` header; null when it is not a list of distinct names. */
export function offeredIn(header: string): Set<string> | null {
  // Not trim(): it removes characters that HTTP does not count as white space.
  const names = header.split(/[ \t]*,[ \t]*/);
  const offered = new Set(names);
  return offered.size === names.length && names.every((name) => NAME.test(name)) ? offered : null;
}
