import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Transfer = (this: ArrayBufferLike, byteLength: number) => ArrayBuffer;

/** `ArrayBuffer.prototype.transfer` of ECMAScript 2024. Node 20 has it behind a flag, in contexts that are made after the flag is set. */
const transfer = (ArrayBuffer.prototype as { transfer?: Transfer }).transfer ?? transferOfNode20();

function transferOfNode20(): Transfer | undefined {
  setFlagsFromString('--harmony-rab-gsab-transfer');
  return runInNewContext('ArrayBuffer.prototype.transfer');
}

/**
 * Frees what a socket has read: Node allocates memory for each read. Left to the garbage collector, it makes V8 mark the whole heap for each
 * 50 MB that are read, and the next read gets memory that is not in the cache. All views of it are empty from now on.
 */
export function freeRead(read: Buffer): void {
  // A view of larger memory may have others beside it.
  if (read.length === read.buffer.byteLength) transfer?.call(read.buffer, 0);
}
