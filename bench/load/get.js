/** Asks for one path again and again on a few kept connections, reading no more of an answer than its length. */
const { connect } = require('node:net');
const { performance } = require('node:perf_hooks');
const { answerCalls } = require('../support/calls.js');

const CONNECTIONS = 8;
const END_OF_HEAD = Buffer.from('\r\n\r\n');

/** Asks until `mayAsk` says no; resolves with the end of its last answer. */
function asking({ hostname, port, pathname }, bodyBytes, mayAsk) {
  const request = `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`;
  return new Promise((resolve, reject) => {
    let bytesToRead = 0;
    const ask = () => {
      if (mayAsk()) socket.write(request);
      else socket.end(resolve);
    };
    const take = (bytes, buffer) => {
      if (bytesToRead === 0) {
        const head = buffer.subarray(0, bytes);
        const end = head.indexOf(END_OF_HEAD);
        const text = head.latin1Slice(0, end);
        const [, length] = /\r\ncontent-length: (\d+)/i.exec(text) ?? [];
        if (!text.startsWith('HTTP/1.1 200') || Number(length) !== bodyBytes) return reject(new Error(text));
        bytesToRead = end + END_OF_HEAD.length + bodyBytes;
      }
      bytesToRead -= bytes;
      if (bytesToRead === 0) ask();
      return true;
    };
    const onread = { buffer: Buffer.alloc(2 ** 18), callback: take };
    const socket = connect({ host: hostname, port: Number(port), noDelay: true, onread }, ask);
    socket.on('error', reject);
  });
}

answerCalls({
  /** Answers the seconds that so many answers took. */
  ask: async ({ url, count, bodyBytes }) => {
    let asked = 0;
    const mayAsk = () => asked++ < count;
    const started = performance.now();
    await Promise.all(Array.from({ length: CONNECTIONS }, () => asking(new URL(url), bodyBytes, mayAsk)));
    return (performance.now() - started) / 1000;
  },
});
