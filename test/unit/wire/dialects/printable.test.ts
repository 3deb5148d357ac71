import { arePrintable, isPrintable } from '../../../../src/wire/dialects/detect.js';

describe('four bytes of a capability', () => {
  it('are printable if each of them is', () => {
    for (const place of [0, 8, 16, 24]) {
      for (const others of [0x21, 0x61, 0x7e]) {
        for (let byte = 0; byte < 256; byte++) {
          const word = (others * 0x01010101 - others * 2 ** place + byte * 2 ** place) >>> 0;
          expect([byte, arePrintable(word)]).toEqual([byte, isPrintable(byte)]);
        }
      }
    }
  });

  it('are not if several are not, whatever they add up to', () => {
    for (const word of [0, 0x20202020, 0x7f7f7f7f, 0x80808080, 0xffffffff, 0x00217e61, 0x617e2100]) {
      expect([word, arePrintable(word)]).toEqual([word, false]);
    }
  });
});
