/** Modules that register, and a watcher; they read what they are told and count it. */
const { performance } = require('node:perf_hooks');
const { answerCalls } = require('../support/calls.js');
const { RawSocket } = require('../support/raw-socket.js');

/** How long the answers to requests, and notifications by their method, begin. */
const ANSWER = /^\{"jsonrpc":"2\.0","id":\d+,"(result|error)"/;
const METHOD = /^\{"jsonrpc":"2\.0","method":"(\w+)"/;
const LONGEST_BEGINNING = 80;

const counts = {};
const firstAt = {};
const lastAt = {};
let waiting = () => {};

function take(method) {
  const now = performance.now();
  counts[method] = (counts[method] ?? 0) + 1;
  firstAt[method] ??= now;
  lastAt[method] = now;
  waiting();
}

/** One request after the other: a service that is asked for more than a client reads closes its socket. */
function openSocket({ http, requests, expireAt }) {
  return new Promise((resolve, reject) => {
    let socket;
    let id = 0;
    const ask = () => {
      const { method, params } = requests[id];
      const timeout = expireAt === undefined ? {} : { timeout: Math.round(expireAt - performance.now()) / 1000 };
      socket.sendText(JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, ...timeout } }));
    };
    const onText = (buffer, at, length) => {
      const text = buffer.latin1Slice(at, at + Math.min(length, LONGEST_BEGINNING));
      const [, kind] = ANSWER.exec(text) ?? [];
      if (kind === 'error') reject(new Error(text));
      else if (kind === undefined) take(METHOD.exec(text)[1]);
      else if (++id < requests.length) ask();
      else resolve();
    };
    RawSocket.open(`${http.replace('http', 'ws')}/ws`, 'clusterer.v1', { onText, onBinary: () => {} }).then((raw) => {
      socket = raw;
      ask();
    }, reject);
  });
}

answerCalls({
  /** A socket that makes these requests; resolves when all are answered. */
  open: openSocket,
  /** The same for registrations whose watches all expire at once, so many milliseconds from now. */
  openExpiring: ({ http, requests, inMs }) => openSocket({ http, requests, expireAt: performance.now() + inMs }),
  /** Resolves once so many notifications of that method have come; answers the milliseconds from the first to the last. */
  told: async ({ method, count }) => {
    await new Promise((resolve) => {
      waiting = () => counts[method] >= count && resolve();
      waiting();
    });
    return lastAt[method] - firstAt[method];
  },
});
