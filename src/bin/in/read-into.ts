import { Socket } from 'node:net';

/** What is read at once at most, in bytes: four times what Node reads by itself. */
const READ_BYTES = 2 ** 18;

/** What all connections are read together in one turn of the event loop, until each has been read once: everything else waits meanwhile. */
const TURN_BYTES = 2 ** 21;

/** Every connection reads into it. */
const memory = Buffer.from(new ArrayBuffer(READ_BYTES));

/** Who goes on in the next turn. */
const waiting = new Set<Socket>();
let turnBytes = 0;

/** Whether this turn allows for more reading. */
function takeTurn(bytes: number): boolean {
  if (turnBytes === 0) setImmediate(beginTurn);
  turnBytes += bytes;
  return turnBytes < TURN_BYTES;
}

function beginTurn(): void {
  turnBytes = 0;
  for (const socket of waiting) socket.resume();
  waiting.clear();
}

/**
 * What Node sets where a connection is made with the option `onread`; for one that is accepted it has no such option (lib/net.js and
 * lib/internal/stream_base_commons.js of Node 20: where a connection is read to, and who is told of it, stands under two symbols).
 */
interface ReadsIntoMemory {
  readonly [memory: symbol]: unknown;
  readonly _handle: { useUserBuffer(memory: Buffer): void };
}

/**
 * Calls `onRead` with what arrives, in memory that the next read of any connection overwrites: who keeps it copies it. Otherwise Node takes
 * 64 KiB anew for each read, which no cache holds and V8 must collect. It does so still where it cannot be told to read elsewhere, as for TLS.
 */
export function readInto(socket: Socket, onRead: (bytes: Buffer) => void): void {
  const place = placesOf(socket);
  if (place === null) {
    socket.on('data', onRead);
    return;
  }
  const told = (bytes: number): boolean => {
    onRead(memory.subarray(0, bytes));
    const mayGoOn = takeTurn(bytes);
    if (!mayGoOn) waiting.add(socket);
    // False stops the reading until `resume`.
    return mayGoOn;
  };
  Object.assign(socket, { [place.memory]: memory, [place.told]: told });
  place.handle.useUserBuffer(memory);
  // There is nothing to read any more, but the end is only told to who reads.
  socket.resume();
}

function placesOf(socket: Socket) {
  const symbols = Object.getOwnPropertySymbols(socket);
  const memory = symbols.find(({ description }) => description === 'kBuffer');
  const told = symbols.find(({ description }) => description === 'kBufferCb');
  const { _handle: handle } = socket as unknown as Partial<ReadsIntoMemory>;
  const isPlain = Object.getPrototypeOf(socket) === Socket.prototype;
  if (!isPlain || memory === undefined || told === undefined || handle?.useUserBuffer === undefined) return null;
  return { memory, told, handle };
}
