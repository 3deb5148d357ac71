import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import asyncapi from '../../docs/asyncapi.yaml';
import openapi from '../../openapi.yaml';
import { layoutsOf } from '../../src/wire/modules/layouts.js';
import { decodePayload } from '../../src/wire/modules/payloads.js';
import { liveOf } from '../../src/wire/modules/sync.js';
import { type CapturedPayload, capturedPayloads } from '../fixtures/payloads.js';

/** Says how a value does not fit a schema of a document; empty if it does. */
function faultsOf(document: object): (schema: string, value: unknown) => string {
  const ajv = new Ajv2020({ strict: false });
  addFormats(ajv);
  ajv.addSchema(document, 'document');
  return (schema, value) => (ajv.validate(`document#${schema}`, value) ? '' : ajv.errorsText());
}

const socketFaults = faultsOf(asyncapi);
const restFaults = faultsOf(openapi);
const DECODED = '/components/schemas/DecodedPacket';
const SOCKET_SEND = '/components/schemas/SendToParams';
const REST_SEND = '/paths/~1clusters~1{cluster_id}~1packets/post/requestBody/content/application~1json/schema';

function decoded({ dialect, module, version, packetType, payload }: CapturedPayload) {
  const live = packetType === 'sync' ? liveOf(module, payload) : { packetType, payload };
  if (live === null) throw new Error('the chunk stands for no packet');
  const layouts = layoutsOf({ dialect, module, version, packetType: live.packetType });
  const packet = decodePayload(layouts, live.payload);
  if ('fault' in packet) throw new Error(packet.fault);
  const { name, fields } = packet;
  return JSON.parse(JSON.stringify({ name, fields }));
}

const captured = capturedPayloads().map(
  (it, index) => [`${index}: ${it.module} ${it.version} ${it.packetType}`, it] as const,
);

describe('the schemas of the documents', () => {
  it.each(captured)(
    'have the fields of the captured packet %s, as they are decoded and as they are sent',
    (_, packet) => {
      const { name, fields } = decoded(packet);
      expect(socketFaults(DECODED, { name, fields })).toBe('');
      const send = { module: packet.module, name, fields };
      expect(socketFaults(SOCKET_SEND, { cluster_id: 1, ...send })).toBe('');
      expect(restFaults(REST_SEND, send)).toBe('');
    },
  );

  it('take no send with a missing, an unknown or a wrong field, or with neither a name nor a type', () => {
    const send = { module: 'ul', name: 'aor_delete', fields: { domain: 'location', aor: 'alice' } };
    const { fields } = send;
    expect(restFaults(REST_SEND, send)).toBe('');
    for (const fault of [
      { fields: { domain: 'location' } },
      { fields: { ...fields, other: 1 } },
      { fields: { ...fields, aor: 5 } },
      { name: 'none' },
      { name: undefined, fields: undefined },
    ]) {
      const wrong = JSON.parse(JSON.stringify({ ...send, ...fault }));
      expect(restFaults(REST_SEND, wrong)).not.toBe('');
      expect(socketFaults(SOCKET_SEND, { cluster_id: 1, ...wrong })).not.toBe('');
    }
  });

  it('say what each decoded field is, with the name of the packet', () => {
    const { UsrlocContactInsert, UsrlocContactInsertFields: fields } = asyncapi.components.schemas;
    expect(UsrlocContactInsert.properties).toMatchObject({
      name: { const: 'contact_insert' },
      fields: { $ref: '#/components/schemas/UsrlocContactInsertFields' },
    });
    expect(fields.properties).toMatchObject({ aor: { $ref: '#/components/schemas/Text' }, cseq: { type: 'integer' } });
    expect(fields.required).toEqual(expect.arrayContaining(['aor', 'q', 'q_raw']));
    expect(fields.required).not.toContain('ctmatch');
  });
});
