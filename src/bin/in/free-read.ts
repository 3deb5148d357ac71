import { MessageChannel, type MessagePort } from 'node:worker_threads';

type Transfer = (this: ArrayBufferLike, byteLength: number) => ArrayBuffer;

/** `ArrayBuffer.prototype.transfer` of ECMAScript 2024. Node 20 does not have it. */
const transfer = (ArrayBuffer.prototype as { transfer?: Transfer }).transfer;

/** Shorter reads cost more to free, 2 µs in Node 20, than to collect. Pings are shorter. */
const SHORTEST_BYTES = 4_096;

const free: (memory: ArrayBuffer) => void =
  transfer === undefined ? postTo(closedPort()) : (memory) => transfer.call(memory, 0);

/**
 * Frees what a socket has read: Node allocates memory for each read. Left to the garbage collector, it makes V8 mark the whole heap for each
 * 50 MB that are read, and the next read gets memory that is not in the cache. Views of it may be empty from now on.
 */
export function freeRead(read: Buffer): void {
  const { buffer } = read;
  if (read.length < SHORTEST_BYTES) return;
  // A view of larger memory may have others beside it.
  if (read.length === buffer.byteLength && buffer instanceof ArrayBuffer) free(buffer);
}

/** What is transferred to a closed port belongs to a message that nobody gets, and is freed with it (HTML, "message port post message steps"). */
function postTo(port: MessagePort): (memory: ArrayBuffer) => void {
  return (memory) => port.postMessage(null, [memory]);
}

function closedPort(): MessagePort {
  const { port1 } = new MessageChannel();
  port1.close();
  return port1;
}
