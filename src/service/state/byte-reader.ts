/** Reads what `ByteWriter` wrote. @throws RangeError after the end */
export class ByteReader {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  get isAtEnd(): boolean {
    return this.at === this.bytes.length;
  }

  byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw cutOff();
    return byte;
  }

  uint(): number {
    let value = 0;
    let shift = 0;
    for (;;) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
      shift += 7;
    }
  }

  double(): number {
    this.at += 8;
    if (this.at > this.bytes.length) throw cutOff();
    return this.bytes.readDoubleLE(this.at - 8);
  }

  /** A copy, because it may outlive the bytes. */
  block(): Buffer {
    return Buffer.from(this.take());
  }

  text(): string {
    return this.take().toString();
  }

  private take(): Buffer {
    const length = this.uint();
    if (this.at + length > this.bytes.length) throw cutOff();
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
}

function cutOff(): RangeError {
  return new RangeError('The bytes of a state are cut off.');
}
