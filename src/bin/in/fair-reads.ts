import type { Readable } from 'node:stream';

/** The most that a socket of Node reads at once, in bytes. After a read of as many, more may wait. */
export const FULL_READ_BYTES = 65_536;

/** So many full reads of all sockets begin an iteration of the event loop: a millisecond of work, and enough to send together. */
export const FULL_READS = 16;

/**
 * Lets no sender keep the others waiting. libuv reads a socket up to 32 times before it turns to the next one, and a ping there would wait
 * for 2 MiB of packets. After the first full reads of an iteration, each socket that fills another one is paused until its end: before the
 * next poll, so that it costs no system call.
 */
export class FairReads {
  private fullReads = 0;

  /**
   * Call it before anything is read.
   * @param isHeld whether no socket may be read: who ends that resumes them
   */
  share(socket: Readable, isHeld: () => boolean = () => false): void {
    const resume = () => {
      if (!isHeld()) socket.resume();
    };
    socket.on('data', ({ length }: Buffer) => {
      if (length < FULL_READ_BYTES) return;
      if (this.fullReads === 0) setImmediate(() => this.beginIteration());
      if (++this.fullReads < FULL_READS) return;
      socket.pause();
      setImmediate(resume);
    });
  }

  private beginIteration(): void {
    this.fullReads = 0;
  }
}
