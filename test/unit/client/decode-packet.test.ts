import { decodePacket } from '../../../src/client/exports.js';
import { liveOf } from '../../../src/wire/modules/sync.js';
import { type CapturedPayload, capturedPayloads } from '../../fixtures/payloads.js';

/** The packet as a handler gets it, also for a chunk of a sync. */
function packetOf({ dialect, module, version, packetType, payload }: CapturedPayload) {
  const live = packetType === 'sync' ? liveOf(module, payload) : { packetType, payload };
  if (live === null) throw new Error('the chunk stands for no packet');
  return { dialect, module, version, packet_type: live.packetType, payload: live.payload };
}

const captured = capturedPayloads().map(packetOf);

function first(module: string, packetType: number) {
  const packet = captured.find((it) => it.module === module && it.packet_type === packetType);
  if (packet === undefined) throw new Error('not captured');
  return packet;
}

describe('decodePacket', () => {
  it('decodes every captured packet, and says of which module it is', () => {
    const faults = captured.flatMap((packet) => decodePacket(packet).fault ?? []);
    expect(faults).toEqual([]);
    expect(captured.map((packet) => decodePacket(packet).module)).toEqual(captured.map(({ module }) => module));
  });

  it('gives fields that are typed by the name of the packet', () => {
    const decoded = decodePacket(first('ul', 3));
    if (decoded.name !== 'contact_insert') throw new Error(`decoded as ${decoded.name}`);
    const expires: number | string = decoded.fields.expires;
    expect([expires, decoded.fields.contact]).toEqual([1_795_333_603, 'sip:alice@127.0.0.9:6000']);
    // @ts-expect-error: only packets of 2.4 have it
    expect(decoded.fields.contact_id).toBeUndefined();
  });

  it('says at which byte a payload does not fit', () => {
    const packet = first('ul', 1);
    const short = { ...packet, payload: packet.payload.subarray(0, -1) };
    expect(decodePacket(short)).toEqual({ fault: expect.stringMatching(/^aor_insert: .* at byte 12\b/) });
  });

  it('says that there is no table, for a module, a version or a type that has none', () => {
    const packet = first('ul', 1);
    for (const other of [{ module: 'tm-repl' }, { version: 9 }, { packet_type: 9 }, { dialect: '2.4' as const }]) {
      expect(decodePacket({ ...packet, ...other })).toEqual({
        fault: 'there is no table for this packet at byte 0',
      });
    }
  });
});
