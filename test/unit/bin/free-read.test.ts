import { freeRead } from '../../../src/bin/in/free-read.js';

describe('the memory of a read', () => {
  it('is freed, and its views are empty', () => {
    const read = Buffer.from(new ArrayBuffer(65_536));
    const view = read.subarray(10, 20);
    freeRead(read);
    expect([read.length, view.length, read.buffer.byteLength]).toEqual([0, 0, 0]);
  });

  it('is left alone where others may use memory beside it', () => {
    const memory = Buffer.from(new ArrayBuffer(100));
    const read = memory.subarray(0, 50);
    freeRead(read);
    expect([read.length, memory.length]).toEqual([50, 100]);
  });
});
