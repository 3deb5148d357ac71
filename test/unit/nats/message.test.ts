import { decodeMessage, encodeMessage } from '../../../src/nats/message.js';

const INCARNATION = Buffer.from('0102030405060708', 'hex');

describe('a message of the log', () => {
  it('has a version, the incarnation, its number, and parts with their lengths', () => {
    const bytes = encodeMessage(INCARNATION, 258, [Buffer.from('ab'), Buffer.alloc(0), Buffer.from('c')], 3);
    expect(bytes.toString('hex')).toBe('01010203040506070800000000010200000002616200000000' + '0000000163');
    const { incarnation, n, parts } = decodeMessage(bytes);
    expect([incarnation, n, parts.map(String)]).toEqual(['AQIDBAUGBwg', 258, ['ab', '', 'c']]);
  });

  it('is refused in another version, and if it is cut', () => {
    const bytes = encodeMessage(INCARNATION, 1, [Buffer.from('ab')], 2);
    expect(() => decodeMessage(bytes.subarray(0, -1))).toThrow('ends inside a part');
    expect(() => decodeMessage(bytes.subarray(0, 17))).toThrow('out of range');
    bytes[0] = 2;
    expect(() => decodeMessage(bytes)).toThrow('A log message has version 2; this release reads 1.');
  });
});
