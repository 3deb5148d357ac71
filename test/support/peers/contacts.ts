import { layoutsNamed } from '../../../src/wire/modules/layouts.js';
import { encodePayload } from '../../../src/wire/modules/payloads.js';

export const USRLOC = 'usrloc-contact-repl';
/** That of OpenSIPS 3.1 to 3.5. */
export const USRLOC_VERSION = 3;

const DEFAULTS = {
  domain: 'location',
  contact_id: { raw: '1' },
  callid: 'call',
  user_agent: '',
  path: '',
  attr: '',
  received: '',
  instance: '',
  expires: 0,
  q: null,
  socket: '',
  cseq: 1,
  flags: 0,
  cflags: 0,
  methods: [],
  last_modified: 0,
  kv: '',
  ctmatch: { mode: -1 },
};

type Fields = Readonly<Record<string, unknown>>;

export interface Encoded {
  readonly type: number;
  readonly body: Uint8Array;
}

/** A contact of a user at this host. */
export function contactAt(host: string, aor: string, more: Fields = {}): Fields {
  return { ...DEFAULTS, aor, contact: `sip:${aor}@${host}`, ...more };
}

/** A packet of usrloc with this name, as OpenSIPS writes it. */
export function encodeContact(name: string, fields: Fields, dialect: '2.2' | '2.4' = '2.4'): Encoded {
  const module = dialect === '2.2' ? 'ul' : USRLOC;
  const version = dialect === '2.2' ? 1 : USRLOC_VERSION;
  const encoded = encodePayload(layoutsNamed({ dialect, module, version, name }), fields);
  if (encoded === null || 'faults' in encoded) throw new Error(JSON.stringify(encoded));
  return { type: encoded.packetType, body: encoded.payload };
}

/** A contact as a donor writes it: a mark, then its fields. */
export function contactChunk(fields: Fields): Buffer {
  return Buffer.concat([Uint8Array.of(1, 0, 0, 0), encodeContact('contact_insert', fields).body]);
}
