let waiting: (() => void)[] = [];

/**
 * Runs when the event loop has looked at the sockets once more: a peer's goodbye that is already here is then read before
 * we write into a connection that nobody reads. The first immediate may come before the next look, the second cannot.
 * What is asked for in one turn shares them: a packet goes to many machines at once.
 */
export function afterNextPoll(run: () => void): void {
  waiting.push(run);
  if (waiting.length > 1) return;
  setImmediate(() => {
    const asked = waiting;
    waiting = [];
    setImmediate(() => {
      for (const one of asked) one();
    });
  });
}
