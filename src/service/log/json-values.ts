/** JSON has no byte arrays and no maps. No field of a command or of a call has these names. */
const BYTES = '$bytes';
const MAP = '$map';

/** Plain values, byte arrays and maps as JSON. */
export function textOf(value: unknown): string {
  return JSON.stringify(value, replaced);
}

/** The reverse of `textOf`. Byte arrays become Buffers. Without one or a map, as in every run of packets, it takes half the time. */
export function valueFrom(text: string): unknown {
  return text.includes(BYTES) || text.includes(MAP) ? JSON.parse(text, revived) : JSON.parse(text);
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
