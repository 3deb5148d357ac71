const { randomBytes } = require('node:crypto');
const { connect } = require('node:net');

/** How much of a message is looked at: the header of a binary one; of JSON what stands before its `seq`. */
const HEAD_BYTES = 160;
const LONGEST_FRAME_HEADER = 10;

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;

/**
 * The client side of a WebSocket that does as little as it can, so that the server is what is measured: it reads into one buffer
 * for all sockets, looks at the beginning of each message and skips the rest.
 */
class RawSocket {
  /** A piece of a frame's beginning that waits for its rest. */
  #held = Buffer.alloc(LONGEST_FRAME_HEADER + HEAD_BYTES);
  #heldBytes = 0;
  /** Of the frame whose beginning has been looked at. */
  #bytesToSkip = 0;
  #payloadBytes = 0;
  /** Whether the last frame ends its message. */
  #isLast = true;
  #socket;
  #onText;
  #onBinary;
  #closed = null;

  constructor(onText, onBinary) {
    this.#onText = onText;
    this.#onBinary = onBinary;
  }

  /** `onText` and `onBinary` get a buffer, and where in it a message begins: at least its first 160 bytes, where it has them. */
  static open(url, subprotocol, { onText, onBinary }) {
    const { hostname, port, pathname } = new URL(url);
    const raw = new RawSocket(onText, onBinary);
    let opened = false;
    return new Promise((resolve, reject) => {
      const take = (bytes, buffer) => {
        if (opened) return raw.#push(buffer, bytes);
        // The first message of the service comes behind the answer; it may be in the same piece.
        const answer = buffer.latin1Slice(0, bytes);
        const end = answer.indexOf('\r\n\r\n') + 4;
        if (!answer.startsWith('HTTP/1.1 101') || end < 4) return reject(new Error(answer));
        opened = true;
        resolve(raw);
        return raw.#push(buffer.subarray(end), bytes - end);
      };
      const onread = { buffer: READ_BUFFER, callback: (bytes, buffer) => take(bytes, buffer) ?? true };
      raw.#socket = connect({ host: hostname, port: Number(port), noDelay: true, onread });
      raw.#socket.on('error', reject);
      const headers = [
        `GET ${pathname} HTTP/1.1`,
        `Host: ${hostname}:${port}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
        `Sec-WebSocket-Protocol: ${subprotocol}`,
      ];
      raw.#socket.write(`${headers.join('\r\n')}\r\n\r\n`);
    });
  }

  sendText(text) {
    this.#send(TEXT, Buffer.from(text));
  }

  sendBinary(bytes) {
    this.#send(BINARY, bytes);
  }

  destroy() {
    this.#socket.destroy();
  }

  /** Says that the client is done. Resolves when the server has said the same. */
  close() {
    const NORMAL = Buffer.from([0x03, 0xe8]);
    return new Promise((resolve) => {
      this.#closed = resolve;
      this.#send(CLOSE, NORMAL);
    });
  }

  /** Of all messages, frames that are not all here yet included. */
  get payloadBytes() {
    return this.#payloadBytes;
  }

  /** Whether the last message is all here. */
  get isBetweenMessages() {
    return this.#bytesToSkip === 0 && this.#heldBytes === 0 && this.#isLast;
  }

  /** Masked by zeros, which leave the bytes as they are. */
  #send(opcode, payload) {
    const header = Buffer.alloc(payload.length < 126 ? 6 : 8);
    header[0] = 0x80 | opcode;
    header[1] = 0x80 | Math.min(payload.length, 126);
    if (payload.length >= 126) header.writeUInt16BE(payload.length, 2);
    this.#socket.write(Buffer.concat([header, payload]));
  }

  #push(buffer, end) {
    let at = this.#heldBytes > 0 ? this.#fromHeld(buffer, end) : 0;
    while (at < end) {
      if (this.#bytesToSkip > 0) {
        const skipped = Math.min(this.#bytesToSkip, end - at);
        this.#bytesToSkip -= skipped;
        at += skipped;
        continue;
      }
      const bytes = this.#look(buffer, at, end);
      if (bytes === 0) {
        this.#heldBytes = buffer.copy(this.#held, 0, at, end);
        return;
      }
      this.#bytesToSkip = bytes;
    }
  }

  /** Completes the beginning that waits; answers how far the buffer is used. */
  #fromHeld(buffer, end) {
    const before = this.#heldBytes;
    const filled = before + buffer.copy(this.#held, before, 0, end);
    const bytes = this.#look(this.#held, 0, filled);
    this.#heldBytes = bytes === 0 ? filled : 0;
    if (bytes === 0) return end;
    this.#bytesToSkip = bytes - before;
    return 0;
  }

  /** Looks at the frame that begins here; answers its bytes, or 0 while too little of it is there. */
  #look(buffer, at, end) {
    if (end - at < 2) return 0;
    const opcode = buffer[at] & 0x0f;
    let length = buffer[at + 1];
    let header = 2;
    if (length === 126) {
      header = 4;
      if (end - at < header) return 0;
      length = buffer.readUInt16BE(at + 2);
    } else if (length === 127) {
      header = 10;
      if (end - at < header) return 0;
      length = Number(buffer.readBigUInt64BE(at + 2));
    }
    if (end - at < header + Math.min(length, HEAD_BYTES)) return 0;
    if (opcode < CLOSE) {
      this.#payloadBytes += length;
      this.#isLast = buffer[at] >= 0x80;
    }
    if (opcode === TEXT) this.#onText(buffer, at + header, length);
    else if (opcode === BINARY) this.#onBinary(buffer, at + header, length);
    else if (opcode === PING) this.#send(0x0a, Buffer.alloc(0));
    else if (opcode === CLOSE) this.#wasClosed(buffer.readUInt16BE(at + header));
    return header + length;
  }

  #wasClosed(code) {
    if (this.#closed === null) throw new Error(`closed with ${code}`);
    this.#closed();
  }
}

/** What is read is looked at before anything else is. */
const READ_BUFFER = Buffer.alloc(2 ** 18);

module.exports = { RawSocket };
