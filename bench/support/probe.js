/** Loaded into a service that is measured: tells how long its event loop stood still, and what its heap holds. */
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { isMainThread } = require('node:worker_threads');
const { answerCalls } = require('./calls.js');

let delay = null;

const functions = {
  /** From now on the longest stall counts. It samples each millisecond, which costs: only where stalls are measured. */
  watchLoop: () => {
    delay ??= monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    delay.reset();
  },
  /** Milliseconds. */
  longestStall: () => delay.max / 1e6,
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
