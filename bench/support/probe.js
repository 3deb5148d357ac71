/** Loaded into a service that is measured: tells how long its event loop stood still, and what its heap holds. */
const { subscribe } = require('node:diagnostics_channel');
const { monitorEventLoopDelay, performance, PerformanceObserver } = require('node:perf_hooks');
const { isMainThread } = require('node:worker_threads');
const { answerCalls } = require('./calls.js');

let delay = null;

/** Milliseconds that the process stood still for garbage collections, each. */
let collections = [];
const observer = new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) collections.push(duration);
});

/** Frames of `clusterer-internal` begin with this; the type follows the name (docs/protocol.md). */
const INTERNAL = Buffer.from('clusterer-internal');
const PING = 0;
const PONG = 1;

/** The port whose connections bring pings; null: none is watched. */
let pingPort = null;
/** When the service read the ping that it has not answered. */
let pingReadAt = null;
/** Milliseconds from the read of each ping to the write of its reply. */
const replyTimes = [];

/** Whether these bytes are one message of this type. Longer reads are packets. */
function isMessage(bytes, type) {
  if (bytes.length > 100) return false;
  const at = bytes.indexOf(INTERNAL);
  return at > 0 && bytes.readInt32LE(at + INTERNAL.length) === type;
}

/** Reads before the service, which frees the memory of a read. */
function watchReads({ socket }) {
  if (socket.localPort !== pingPort) return;
  socket.prependListener('data', (bytes) => {
    if (isMessage(bytes, PING)) pingReadAt = performance.now();
  });
}

function watchWrites({ socket }) {
  // Before that, `connect` would put Node's own `write` back.
  socket.once('connect', () => {
    const write = socket.write;
    socket.write = function (bytes, ...rest) {
      const isWritten = write.call(this, bytes, ...rest);
      if (pingReadAt !== null && isMessage(bytes, PONG)) {
        replyTimes.push(performance.now() - pingReadAt);
        pingReadAt = null;
      }
      return isWritten;
    };
  });
}

const functions = {
  /** Connections that are accepted on this port from now on are watched for pings. */
  watchPings: ({ port }) => {
    pingPort = port;
    subscribe('net.server.socket', watchReads);
    subscribe('net.client.socket', watchWrites);
  },
  /** The times since the last call. */
  replyTimes: () => replyTimes.splice(0),
  /** From now on the longest stall counts. It samples each millisecond, which costs: only where stalls are measured. */
  watchLoop: () => {
    delay ??= monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    delay.reset();
  },
  /** Milliseconds. */
  longestStall: () => delay.max / 1e6,
  /** From now on collections count. */
  watchCollections: () => {
    collections = [];
    observer.observe({ entryTypes: ['gc'] });
  },
  /** Milliseconds. */
  longestCollection: () => Math.max(0, ...collections),
  /** Bytes that are in use after a collection. */
  heapUsed: () => {
    globalThis.gc();
    return process.memoryUsage().heapUsed;
  },
};

// Threads of the service load it, too.
if (isMainThread) {
  answerCalls(functions);
  // The service must be able to end by itself.
  process.channel.unref();
}
