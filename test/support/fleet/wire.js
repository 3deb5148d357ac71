// The packets of OpenSIPS 2.4 to 4.0 (docs/protocol.md), written a second time: the simulated machines must not share a mistake with the service.

const MARKER = 'P4CK';
const INTERNAL = 'clusterer-internal';
const EXTRA = 'clusterer-extra';

/** What each family calls `clusterer-extra` messages, and the type of CAP_UPDATE. */
const OLD = { capabilities: 8, generic: 6, mi: 7, syncRequest: 9, sync: 10, syncEnd: 11, tagActive: 12 };
const NEW = {
  capabilities: 9,
  removeNode: 6,
  generic: 7,
  mi: 8,
  syncRequest: 10,
  sync: 11,
  syncEnd: 12,
  tagActive: 13,
};

const FAMILIES = {
  C1: { types: OLD, hasSequence: false, syncVersion: 1 },
  C2: { types: OLD, hasSequence: false, syncVersion: 2 },
  C3: { types: OLD, hasSequence: true, syncVersion: 2 },
  D1: { types: NEW, hasSequence: false, syncVersion: 2 },
  D2: { types: NEW, hasSequence: true, syncVersion: 2 },
  E: { types: NEW, hasSequence: true, syncVersion: 3 },
};

/** Begins each chunk of a sync. */
const CHUNK_MARK = 101_010_101;

/** Writes fields one after another. */
class Writer {
  constructor() {
    this.parts = [];
  }

  int(...values) {
    for (const value of values) {
      const bytes = Buffer.alloc(4);
      bytes.writeInt32LE(value);
      this.parts.push(bytes);
    }
    return this;
  }

  text(value) {
    const bytes = Buffer.from(value);
    const length = Buffer.alloc(2);
    length.writeUInt16LE(bytes.length);
    this.parts.push(length, bytes);
    return this;
  }

  raw(bytes) {
    this.parts.push(Buffer.from(bytes));
    return this;
  }

  get bytes() {
    return Buffer.concat(this.parts);
  }
}

/** Reads fields one after another. @throws RangeError at the end of the body */
class Reader {
  constructor(body) {
    this.body = body;
    this.at = 0;
  }

  get remaining() {
    return this.body.length - this.at;
  }

  int() {
    const value = this.body.readInt32LE(this.at);
    this.at += 4;
    return value;
  }

  ints(count) {
    return Array.from({ length: count }, () => this.int());
  }

  text() {
    const length = this.body.readUInt16LE(this.at);
    if (length > this.remaining - 2) throw new RangeError('the text is longer than the body');
    this.at += 2 + length;
    return this.body.toString('utf8', this.at - length, this.at);
  }

  take(length) {
    if (length > this.remaining) throw new RangeError('the bytes are longer than the body');
    this.at += length;
    return this.body.subarray(this.at - length, this.at);
  }
}

/** A whole packet. */
function frameOf({ capability, version = 1, type, body }) {
  const name = Buffer.from(capability);
  const head = Buffer.alloc(12);
  head.write(MARKER);
  head.writeUInt32LE(16 + name.length + body.length, 4);
  head.writeUInt16LE(version, 8);
  head.writeUInt16LE(name.length, 10);
  const typeBytes = Buffer.alloc(4);
  typeBytes.writeInt32LE(type);
  return Buffer.concat([head, name, typeBytes, body]);
}

/** The packet in a frame. In a routed one, `body` is what comes before the trailer. */
function packetOf(frame) {
  const nameEnd = 12 + frame.readUInt16LE(10);
  const capability = frame.toString('latin1', 12, nameEnd);
  const packet = { capability, version: frame.readUInt16LE(8), type: frame.readInt32LE(nameEnd), frame };
  const body = frame.subarray(nameEnd + 4);
  if (capability === INTERNAL) return { ...packet, body };
  const trailer = new Reader(body.subarray(-12));
  const [clusterId, origin, destination] = trailer.ints(3);
  return { ...packet, body: body.subarray(0, -12), clusterId, origin, destination };
}

/** Cuts a stream into frames. */
class FrameSplitter {
  constructor() {
    this.rest = Buffer.alloc(0);
  }

  /** @throws Error for a stream that a daemon would close */
  push(chunk) {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const frames = [];
    while (this.rest.length >= 8) {
      if (this.rest.toString('latin1', 0, 4) !== MARKER) throw new Error('no marker');
      const length = this.rest.readUInt32LE(4);
      if (length < 17 || length > 65_535) throw new Error(`a length of ${length}`);
      if (this.rest.length < length) break;
      frames.push(this.rest.subarray(0, length));
      this.rest = this.rest.subarray(length);
    }
    return frames;
  }
}

module.exports = { CHUNK_MARK, EXTRA, FAMILIES, FrameSplitter, frameOf, INTERNAL, packetOf, Reader, Writer };
