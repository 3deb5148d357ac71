/** The capability of contacts, and two of its packets, written without code of the service. */
export const USRLOC = 'usrloc-contact-repl';
export const AOR_INSERT = 1;
export const AOR_DELETE = 2;

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeUInt16LE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** `AOR_DELETE` of a user, as every version writes it. */
export function aorDelete(aor: string): Buffer {
  return Buffer.concat([text('location'), text(aor)]);
}

/** `AOR_INSERT` of a user, as versions 2 to 4 write it: with two labels, which are 0. */
export function aorInsert(aor: string): Buffer {
  return Buffer.concat([text('location'), text(aor), Buffer.alloc(8)]);
}
