/** Loaded into a service that is measured: tells how long its event loop stood still, and what its heap holds. */
const { monitorEventLoopDelay, PerformanceObserver } = require('node:perf_hooks');
const { isMainThread } = require('node:worker_threads');
const { answerCalls } = require('./calls.js');

let delay = null;

/** Milliseconds that the process stood still for garbage collections, each. */
let collections = [];
const observer = new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) collections.push(duration);
});

const functions = {
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
