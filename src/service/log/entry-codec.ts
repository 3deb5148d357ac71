import { COMMAND_CODECS, type Parts } from './command-codecs.js';
import type { Entry, LoggedCommand } from './command-log.js';

/** The layout of an entry: this byte, the length of the JSON (32 bits, big-endian), the JSON, and the bytes of packets. */
const VERSION = 1;
const HEAD_BYTES = 5;

/** JSON has no byte arrays and no maps. No field of a command has these names. */
const BYTES = '$bytes';
const MAP = '$map';

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
  const text = Buffer.from(JSON.stringify(header, replaced));
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt8(VERSION, 0);
  head.writeUInt32BE(text.length, 1);
  return Buffer.concat([head, text, bytes]);
}

/** The bytes of packets are views of `bytes`. @throws RangeError for another version or an unknown command, which a newer release wrote */
export function decodeEntry(bytes: Buffer): Entry {
  const version = bytes.readUInt8(0);
  if (version !== VERSION) throw new RangeError(`A log entry has version ${version}; this release reads ${VERSION}.`);
  const end = HEAD_BYTES + bytes.readUInt32BE(1);
  const header: Header = JSON.parse(bytes.toString('utf8', HEAD_BYTES, end), revived);
  const { type, json, ...place } = header;
  if (!Object.hasOwn(COMMAND_CODECS, type)) {
    throw new RangeError(`A log entry has the command ${JSON.stringify(type)}, which this release does not know.`);
  }
  return { ...place, command: codecOf(type).join({ json, bytes: bytes.subarray(end) }) };
}

function codecOf(type: LoggedCommand['type']): AnyCodec {
  return COMMAND_CODECS[type] as AnyCodec;
}

/** Reads `this`, because a Buffer has already become an object in `value`. */
function replaced(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const raw = this[key];
  if (raw instanceof Uint8Array) {
    return { [BYTES]: Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString('base64') };
  }
  return raw instanceof Map ? { [MAP]: [...raw] } : value;
}

function revived(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (BYTES in value) return Buffer.from(String(value[BYTES]), 'base64');
  return MAP in value ? new Map(value[MAP] as [unknown, unknown][]) : value;
}
