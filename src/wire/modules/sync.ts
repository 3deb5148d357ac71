import { Cursor } from './cursor.js';
import { compileChecker } from './read.js';
import { Sink } from './sink.js';
import { DISPATCHER } from './status.js';

/** A packet that a chunk of a sync stands for. */
export interface LivePacket {
  readonly packetType: number;
  readonly payload: Uint8Array;
}

type LiveOf = (chunk: Uint8Array) => LivePacket | null;

/** The chunk is the payload of this packet. */
function same(packetType: number): LiveOf {
  return (chunk) => ({ packetType, payload: chunk });
}

/** The chunk is an integer, which says which packet it is, and its payload. */
function marked(zero: number, other: number): LiveOf {
  return (chunk) => {
    if (chunk.length < 4) return null;
    const mark = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength).getInt32(0, true);
    return { packetType: mark === 0 ? zero : other, payload: chunk.subarray(4) };
  };
}

const STATE_BYTES = 4;
const ALL_STATE_BITS = 3;
const SETS = 1;
const CLEARS = 0;

const checkDestination = compileChecker(DISPATCHER[0].fields.filter(({ name }) => name !== 'type'));

/** The chunk has no `type`, and its state is the whole state: a state of 0 clears both bits. */
function destination(chunk: Uint8Array): LivePacket | null {
  const cursor = new Cursor(chunk, 2);
  checkDestination(cursor, {});
  if (cursor.fault !== null || cursor.remaining > 0) return null;
  const before = chunk.length - STATE_BYTES;
  const state = cursor.view.getInt32(before, true);
  const sink = new Sink(2);
  sink.raw(chunk.subarray(0, before));
  sink.int(state === 0 ? CLEARS : SETS);
  sink.int(state === 0 ? ALL_STATE_BITS : state);
  return { packetType: DISPATCHER[0].packetType, payload: sink.payload() };
}

const LIVE: Readonly<Record<string, LiveOf>> = {
  'usrloc-contact-repl': marked(1, 3),
  'dialog-dlg-repl': same(1),
  'dispatcher-status-repl': destination,
  'drouting-status-repl': marked(2, 1),
  'load_balancer-status-repl': same(1),
  'cachedb-local-repl': same(1),
  presence: same(1),
  'b2be-entities-repl': same(1),
};

/** The capabilities that have a sync. Daemons do not respond to a request for another, or fail (Y1). */
export const SYNCABLE: readonly string[] = Object.keys(LIVE);

/** Whether daemons can be asked for the whole data of a capability. */
export function hasSync(module: string): boolean {
  return Object.hasOwn(LIVE, module);
}

/**
 * Returns the live packet that a chunk stands for; its version is the data version of the sync. Null for a capability without a sync, and for a
 * chunk that is too short to tell. The payload may share the memory of `chunk`.
 */
export function liveOf(module: string, chunk: Uint8Array): LivePacket | null {
  return Object.hasOwn(LIVE, module) ? (LIVE[module]?.(chunk) ?? null) : null;
}
