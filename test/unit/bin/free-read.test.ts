import { freeRead } from '../../../src/bin/in/free-read.js';

/** Node 20 cannot free memory before the garbage collector does. */
const CAN_FREE = 'transfer' in ArrayBuffer.prototype;

describe('the memory of a read', () => {
  it(`is ${CAN_FREE ? 'freed, and its views are empty' : 'left to the garbage collector of Node 20'}`, () => {
    const read = Buffer.from(new ArrayBuffer(65_536));
    const view = read.subarray(10, 20);
    freeRead(read);
    expect([read.length, view.length, read.buffer.byteLength]).toEqual(CAN_FREE ? [0, 0, 0] : [65_536, 10, 65_536]);
  });

  it('is left alone where others may use memory beside it', () => {
    const memory = Buffer.from(new ArrayBuffer(100));
    const read = memory.subarray(0, 50);
    freeRead(read);
    expect([read.length, memory.length]).toEqual([50, 100]);
  });
});
