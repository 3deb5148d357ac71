/** Text frames only. */
export const TEXT_SUBPROTOCOL = 'clusterer.v1';

/** Packets travel as binary frames, everything else as text. */
export const BINARY_SUBPROTOCOL = 'clusterer.v1.bin';

/** The one of those offered that is spoken, the client's order first; undefined when there is none. */
export function chosenOf(offered: Iterable<string>): string | undefined {
  return [...offered].find((name) => name === TEXT_SUBPROTOCOL || name === BINARY_SUBPROTOCOL);
}
