/** Bare Node: a WebSocket server that writes each message it is sent to kept TCP sockets, and answers when the kernel has them all. */
const { once } = require('node:events');
const { connect } = require('node:net');
const { WebSocketServer } = require('ws');
const { answerCalls } = require('../support/calls.js');

const HEADER_BYTES = 16;

async function connectTo({ host, port }) {
  const socket = connect({ host, port, localAddress: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return socket;
}

answerCalls({
  /** `results` is what the service answers, so that the answers have the same bytes. */
  listen: async ({ machines, results }) => {
    const sockets = await Promise.all(machines.map(connectTo));
    const wss = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
    wss.on('connection', (client) => {
      client.on('message', (message) => {
        const id = message.readUInt32LE(4);
        const frame = message.subarray(HEADER_BYTES);
        let waiting = sockets.length;
        const written = () => {
          waiting--;
          if (waiting === 0) client.send(JSON.stringify({ jsonrpc: '2.0', id, result: { results } }));
        };
        for (const socket of sockets) socket.write(frame, written);
      });
    });
    await once(wss, 'listening');
    return { http: `http://127.0.0.1:${wss.address().port}` };
  },
});
