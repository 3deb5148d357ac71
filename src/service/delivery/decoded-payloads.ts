import type { Layout } from '../../wire/modules/layout.js';

/** Characters and bytes of one generation: what sockets read in the same turn of the event loop, and more. What is kept longer costs V8 a second copy. */
const GENERATION = 2 ** 19;

interface Decoded {
  readonly layouts: readonly Layout[];
  readonly payload: Buffer;
  readonly json: string;
}

/** By the chunk, and the offset in it. */
type Places = Map<ArrayBufferLike, Map<number, Decoded>>;

/**
 * Payloads that were decoded, for the next readers. Registrations share the memory of a packet, so that its place identifies it; memory is
 * used again, so the bytes are compared. There are two generations: when the younger one is full, the older one is dropped.
 */
export class DecodedPayloads {
  private younger: Places = new Map();
  private older: Places = new Map();
  private size = 0;

  /** Returns what `keep` was given for the same payload at the same place; undefined if it is no longer kept. */
  find(layouts: readonly Layout[], payload: Buffer): string | undefined {
    const kept = at(this.younger, payload) ?? at(this.older, payload);
    return kept !== undefined && kept.layouts === layouts && kept.payload.equals(payload) ? kept.json : undefined;
  }

  keep(layouts: readonly Layout[], payload: Buffer, json: string): void {
    if (this.size > GENERATION) {
      this.older = this.younger;
      this.younger = new Map();
      this.size = 0;
    }
    const { buffer, byteOffset } = payload;
    let places = this.younger.get(buffer);
    if (places === undefined) {
      places = new Map();
      this.younger.set(buffer, places);
    }
    places.set(byteOffset, { layouts, payload: Buffer.from(payload), json });
    this.size += json.length + payload.length;
  }
}

function at(places: Places, { buffer, byteOffset }: Buffer): Decoded | undefined {
  return places.get(buffer)?.get(byteOffset);
}
