/**
 * A bare Node pipe: TCP in, frames split, WebSocket messages out to whoever is connected, in the bytes of the service. No auth check, no
 * watches, nothing is kept, nobody is slow.
 */
const { once } = require('node:events');
const { createServer } = require('node:net');
const { WebSocketServer } = require('ws');
const { answerCalls } = require('../support/calls.js');

const HEADER_BYTES = 16;
const NONE = Buffer.alloc(0);
const REGISTRATION = 'r'.repeat(24);

const clients = new Set();
let seq = 1;

/** Calls `onChunk` with what a chunk completes: how many frames, in which pieces of memory. */
function split(socket, onChunk) {
  let rest = NONE;
  socket.on('data', (read) => {
    let chunk = read;
    let at = 0;
    let count = 0;
    const pieces = [];
    const missing = rest.length >= 6 ? rest.readUInt16LE(4) - rest.length : Infinity;
    if (missing <= chunk.length) {
      pieces.push(Buffer.concat([rest, chunk.subarray(0, missing)]));
      at = missing;
      count = 1;
    } else if (rest.length > 0) {
      chunk = Buffer.concat([rest, chunk]);
    }
    const start = at;
    while (at + 6 <= chunk.length) {
      const end = at + chunk.readUInt16LE(at + 4);
      if (end > chunk.length) break;
      at = end;
      count++;
    }
    if (at > start) pieces.push(chunk.subarray(start, at));
    rest = chunk.subarray(at);
    if (count > 0) onChunk(count, pieces);
  });
}

/** What is written for a chunk goes out with one system call. */
function atOnce(write) {
  for (const { _socket: stream } of clients) stream.cork();
  write();
  for (const { _socket: stream } of clients) stream.uncork();
}

/** One message for a chunk: in parts for one client, joined once for several. Each is the faster way there. */
function sendBinary(count, pieces) {
  const header = Buffer.alloc(HEADER_BYTES);
  header[0] = 1;
  header.writeUInt16LE(count, 2);
  header.writeUInt32LE(1, 4);
  header.writeBigUInt64LE(BigInt(seq), 8);
  seq += count;
  if (clients.size > 1) {
    const message = Buffer.concat([header, ...pieces]);
    for (const client of clients) client.send(message);
    return;
  }
  const [first, second] = pieces;
  for (const client of clients) {
    client.send(header, { binary: true, fin: false });
    client.send(first, { binary: true, fin: second === undefined });
    if (second !== undefined) client.send(second, { binary: true, fin: true });
  }
}

/** One message for a packet. */
function sendJson(pieces, source) {
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      const end = at + piece.readUInt16LE(at + 4);
      const nameEnd = at + 16 + piece.readInt32LE(at + 12);
      const params = {
        registration: REGISTRATION,
        seq: seq++,
        cluster_id: 1,
        machine_id: piece.readInt32LE(nameEnd + 4),
        dialect: '2.2',
        module: piece.toString('utf8', at + 16, nameEnd),
        protocol: 'bin',
        packet_type: piece.readInt32LE(nameEnd),
        version: piece.readUInt16LE(at + 8),
        source,
        received_at: Date.now(),
        payload: piece.toString('base64', nameEnd + 8, end),
      };
      const text = JSON.stringify({ jsonrpc: '2.0', method: 'packet', params });
      for (const client of clients) client.send(text);
      at = end;
    }
  }
}

answerCalls({
  listen: async ({ json }) => {
    const wss = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
    wss.on('connection', (client) => {
      clients.add(client);
      client.on('close', () => clients.delete(client));
      client.on('message', () => client.send('{"jsonrpc":"2.0","id":1,"result":{}}'));
    });
    const bin = createServer({ noDelay: true }, (socket) => {
      const source = `${socket.remoteAddress}:${socket.remotePort}`;
      split(socket, (count, pieces) => atOnce(() => (json ? sendJson(pieces, source) : sendBinary(count, pieces))));
    });
    bin.listen(0, '127.0.0.1');
    await Promise.all([once(wss, 'listening'), once(bin, 'listening')]);
    return { http: `http://127.0.0.1:${wss.address().port}`, bin: `127.0.0.1:${bin.address().port}` };
  },
});
