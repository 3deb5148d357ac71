import { freeRead } from '../../../src/bin/in/free-read.js';

describe('the memory of a read', () => {
  it('is freed, and its views are empty', () => {
    const read = Buffer.from(new ArrayBuffer(65_536));
    const view = read.subarray(10, 20);
    freeRead(read);
    expect([read.length, view.length, read.buffer.byteLength]).toEqual([0, 0, 0]);
  });

  it('does not count in the process any longer', () => {
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 1_000; i++) freeRead(Buffer.from(new ArrayBuffer(65_536)));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20);
  });

  it('is left to the garbage collector when it is short', () => {
    const read = Buffer.from(new ArrayBuffer(60));
    freeRead(read);
    expect(read.length).toBe(60);
  });

  it('is left alone where others may use memory beside it', () => {
    const memory = Buffer.from(new ArrayBuffer(100_000));
    const read = memory.subarray(0, 50_000);
    freeRead(read);
    expect([read.length, memory.length]).toEqual([50_000, 100_000]);
  });
});
