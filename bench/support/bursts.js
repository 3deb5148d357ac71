const { moduleOf } = require('./packets.js');

/**
 * Packets that one machine writes at once: `count` of them, the cycle repeated. `ofModule(name)` tells how many are of a module, and their bytes.
 */
function burstOf(cycle, count) {
  const frames = Array.from({ length: count }, (_, i) => cycle[i % cycle.length]);
  const shares = new Map();
  for (const frame of frames) {
    const module = moduleOf(frame);
    const { packets = 0, bytes = 0 } = shares.get(module) ?? {};
    shares.set(module, { packets: packets + 1, bytes: bytes + frame.length });
  }
  return { bytes: Buffer.concat(frames), ofModule: (name) => shares.get(name) ?? { packets: 0, bytes: 0 } };
}

module.exports = { burstOf };
