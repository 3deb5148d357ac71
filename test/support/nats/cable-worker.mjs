// Forwards TCP connections, in a thread of its own: the thread of a test may be busy for a second, which would look like a cut.
import { connect, createServer } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

const { target } = workerData;
const sockets = new Set();
let server = null;
let port = 0;
let isFrozen = false;

const acts = {
  join: () =>
    new Promise((resolve) => {
      isFrozen = false;
      server = createServer(forward).listen(port, '127.0.0.1', () => {
        port = server.address().port;
        resolve();
      });
    }),
  /** Forwards nothing more and closes nothing, as after a power loss. Ends with `cut`. */
  freeze: async () => {
    isFrozen = true;
  },
  /** Closes every connection, and refuses new ones. */
  cut: () =>
    new Promise((resolve) => {
      server.close(resolve);
      for (const socket of sockets) socket.destroy();
    }),
};

function forward(near) {
  const far = connect(target, '127.0.0.1');
  for (const [from, to] of [
    [near, far],
    [far, near],
  ]) {
    sockets.add(from);
    from.setNoDelay(true);
    from.on('data', (bytes) => {
      if (!isFrozen) to.write(bytes);
    });
    from.on('error', () => {});
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
  }
}

parentPort.on('message', async (act) => {
  await acts[act]();
  parentPort.postMessage(port);
});
