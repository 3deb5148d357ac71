import { COMMAND_CODECS, type Parts } from './command-codecs.js';
import type { Entry, LoggedCommand } from './command-log.js';
import { textOf, valueFrom } from './json-values.js';

/** The layout of an entry: this byte, the length of the JSON (32 bits, big-endian), the JSON, and the bytes of packets. */
const VERSION = 1;
const HEAD_BYTES = 5;

interface Header extends Omit<Entry, 'command'> {
  readonly type: LoggedCommand['type'];
  readonly json: unknown;
}

interface AnyCodec {
  split(command: LoggedCommand): Parts;
  join(parts: Parts): LoggedCommand;
}

/** Packets keep their bytes; gaps between them are closed. */
export function encodeEntry({ command, ...place }: Entry): Buffer {
  const { json, bytes } = codecOf(command.type).split(command);
  const header: Header = { ...place, type: command.type, json };
  const text = textOf(header);
  const textBytes = Buffer.byteLength(text);
  const entry = Buffer.allocUnsafe(HEAD_BYTES + textBytes + bytes.length);
  entry.writeUInt8(VERSION, 0);
  entry.writeUInt32BE(textBytes, 1);
  entry.write(text, HEAD_BYTES);
  entry.set(bytes, HEAD_BYTES + textBytes);
  return entry;
}

/** The bytes of packets are views of `bytes`. @throws RangeError for another version or an unknown command, which a newer release wrote */
export function decodeEntry(bytes: Buffer): Entry {
  const version = bytes.readUInt8(0);
  if (version !== VERSION) throw new RangeError(`A log entry has version ${version}; this release reads ${VERSION}.`);
  const end = HEAD_BYTES + bytes.readUInt32BE(1);
  const header = valueFrom(bytes.toString('utf8', HEAD_BYTES, end)) as Header;
  const { type, json, ...place } = header;
  if (!Object.hasOwn(COMMAND_CODECS, type)) {
    throw new RangeError(`A log entry has the command ${JSON.stringify(type)}, which this release does not know.`);
  }
  return { ...place, command: codecOf(type).join({ json, bytes: bytes.subarray(end) }) };
}

function codecOf(type: LoggedCommand['type']): AnyCodec {
  return COMMAND_CODECS[type] as AnyCodec;
}
