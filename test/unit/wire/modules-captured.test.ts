import type { Layout } from '../../../src/wire/modules/layout.js';
import { layoutsOf } from '../../../src/wire/modules/layouts.js';
import { decodePayload, encodePayload, fits } from '../../../src/wire/modules/payloads.js';
import { liveOf } from '../../../src/wire/modules/sync.js';
import { type CapturedPayload, capturedPayloads } from '../../fixtures/payloads.js';

interface Sample {
  readonly layouts: readonly Layout[];
  readonly payload: Uint8Array;
}

/** The live packet, also for a chunk of a sync. */
function sampleOf({ dialect, module, version, packetType, payload }: CapturedPayload): Sample {
  const live = packetType === 'sync' ? liveOf(module, payload) : { packetType, payload };
  if (live === null) throw new Error('the chunk stands for no packet');
  return { layouts: layoutsOf({ dialect, module, version, packetType: live.packetType }), payload: live.payload };
}

const captured = capturedPayloads();
const named = captured.map(
  (it, index) => [`${index}: ${it.module} ${it.version} ${it.packetType}`, sampleOf(it)] as const,
);

function decoded(module: string, version: number, packetType: number) {
  const packet = captured.find((it) => it.module === module && it.version === version && it.packetType === packetType);
  if (packet === undefined) throw new Error('not captured');
  const { layouts, payload } = sampleOf(packet);
  return decodePayload(layouts, payload);
}

describe('a captured payload', () => {
  it.each(named)('%s decodes to its last byte, and encodes to the same bytes', (_name, { layouts, payload }) => {
    expect(fits(layouts, payload)).toBe(true);
    const packet = decodePayload(layouts, payload);
    if ('fault' in packet) throw new Error(packet.fault);
    const json = JSON.parse(JSON.stringify(packet.fields));
    expect(encodePayload([packet.layout], json)).toMatchObject({ payload });
  });

  it.each(named)('%s does not fit when its last byte is missing', (_name, { layouts, payload }) => {
    const short = payload.subarray(0, -1);
    expect(fits(layouts, short)).toBe(false);
    expect(decodePayload(layouts, short)).toEqual({ fault: expect.stringMatching(/ at byte \d+/) });
  });

  it('of a contact of OpenSIPS 2.2 has its fields by name', () => {
    expect(decoded('ul', 1, 3)).toMatchObject({
      name: 'contact_insert',
      fields: {
        domain: 'location',
        aor: 'alice',
        contact: 'sip:alice@127.0.0.9:6000',
        callid: 'reg-alice-fixed@127.0.0.9',
        user_agent: 'peers-sip.py',
        path: '',
        attr: '',
        received: '',
        instance: '',
        expires: 1795333603,
        q: 0.7,
        q_raw: 700,
        socket: 'udp:127.0.0.1:5070',
        cseq: 1795333003,
        flags: 0,
        cflags: 0,
        methods: ['all'],
        methods_raw: -1,
        last_modified: 1795333003,
      },
    });
  });

  it('of a contact of OpenSIPS 4.0 has what later versions added', () => {
    expect(decoded('usrloc-contact-repl', 5, 3)).toMatchObject({
      name: 'contact_insert',
      fields: {
        contact_id: { hash: expect.any(Number), record_label: 0, contact_label: expect.any(Number) },
        cflags: [],
        kv: '',
        ctmatch: { mode: -1 },
      },
    });
  });

  it('of a dialog has its flags by name, and the number beside them', () => {
    expect(decoded('dialog', 1, 1)).toMatchObject({
      name: 'created',
      fields: { state: 3, h_id: 294105037, flags: ['is_init'], flags_raw: 16, timeout: 1795376780 },
    });
    expect(decoded('dialog-dlg-repl', 4, 3)).toMatchObject({ name: 'deleted', fields: { h_id: expect.any(Number) } });
  });

  it('of pipes has a list of them', () => {
    expect(decoded('ratelimit-pipe-repl', 1, 0)).toMatchObject({
      name: 'pipe_counter',
      fields: { pipes: [{ pipe: 'pipe_rl', flags: ['bin'], flags_raw: 1, algo: 1, limit: 50, counter: 0 }] },
    });
  });
});
