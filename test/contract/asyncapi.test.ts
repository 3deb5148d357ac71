import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Parser } from '@asyncapi/parser';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import asyncapi from '../../docs/asyncapi.yaml';
import { readPacketFrame } from '../../src/client/packet-frame.js';
import { asyncapiYaml } from '../../src/docgen/asyncapi.js';
import { CLOSES } from '../../src/wire/close-codes.js';

const DOCS = join(__dirname, '..', '..', 'docs');

/** One for all tests: each compiles the schema of AsyncAPI. */
const parser = new Parser();

/** Returns the errors and warnings of the public parser. The hint about a newer AsyncAPI than 3.0 is neither. */
async function faultsOf(yaml: string): Promise<string[]> {
  const diagnostics = await parser.validate(yaml);
  return diagnostics.filter(({ severity }) => severity <= 1).map(({ path, message }) => `${path.join('/')} ${message}`);
}

test('docs/asyncapi.yaml is up to date with the schemas; npm run openapi writes it', () => {
  expect(readFileSync(join(DOCS, 'asyncapi.yaml'), 'utf8')).toBe(asyncapiYaml());
});

test('the document is valid AsyncAPI 3', async () => {
  expect(asyncapi.asyncapi).toBe('3.0.0');
  expect(await faultsOf(readFileSync(join(DOCS, 'asyncapi.yaml'), 'utf8'))).toEqual([]);
}, 60_000);

/** The objects of a document that have no name: those that are not a schema of `components` themselves. */
function anonymousObjects(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const isNamed = /^\/components\/schemas\/\w+$/.test(path);
  const isObject = 'properties' in value || ('type' in value && value.type === 'object');
  return [
    ...(isObject && !isNamed ? [path] : []),
    ...Object.entries(value)
      .filter(([key]) => key !== 'examples')
      .flatMap(([key, inner]) => anonymousObjects(inner, `${path}/${key}`)),
  ];
}

test('every object in a message has a name, so that generators make a type of it and not <anonymous-schema-1>', () => {
  expect(anonymousObjects(asyncapi, '')).toEqual([]);
});

interface Message {
  readonly payload: object;
  readonly examples?: readonly { readonly payload: unknown }[];
}

test('every message has an example that fits its schema, and has no fields that the schema does not list', () => {
  // Objects are closed, so that an example cannot have a misspelled field. Parts of an `allOf` are not objects of their own.
  const document = JSON.parse(JSON.stringify(asyncapi), (_key, value) => {
    const isObject = Object(value).type === 'object' && 'properties' in Object(value);
    return isObject ? { additionalProperties: false, ...Object(value) } : value;
  });
  const ajv = new Ajv({ strict: false, allErrors: true }).addSchema(document, 'document');
  addFormats(ajv);
  const messages: [string, Message][] = [
    ...Object.entries<Message>(document.components.messages),
    ...Object.entries<Message>(document.channels.events.messages),
  ];
  const faults = messages.flatMap(([name, { payload, examples = [] }]) => {
    const absolute = JSON.parse(JSON.stringify(payload).replaceAll('"#/', '"document#/'));
    if (examples.length === 0) return [`${name}: none`];
    return examples.flatMap((example) =>
      ajv.validate(absolute, example.payload) ? [] : [`${name}: ${ajv.errorsText()}`],
    );
  });
  expect(faults).toEqual([]);
  expect(messages.length).toBeGreaterThan(60);
});

test('the example of a packet frame is one packet', () => {
  const [example] = asyncapi.components.messages.packet_frame.examples;
  const frame = readPacketFrame(Buffer.from(example.payload, 'latin1'));
  expect(frame).toMatchObject({ number: 1, packets: [{ machine_id: 2, module: 'ul', packet_type: 3 }] });
});

/** A document with what the faults below change: the parser needs many seconds for the whole one. */
const SMALL = `asyncapi: 3.0.0
info: { title: small, version: 1.0.0 }
channels:
  socket:
    address: /ws
    messages:
      state:
        payload: { $ref: "#/components/schemas/NodeState" }
operations:
  listen:
    action: receive
    channel: { $ref: "#/channels/socket" }
components:
  schemas:
    NodeState: { type: integer, minimum: 0 }
`;

test('the parser finds nothing wrong with the small document', async () => {
  expect(await faultsOf(SMALL)).toEqual([]);
}, 60_000);

test.each([
  ['an unresolved reference', '#/components/schemas/NodeState"', '#/components/schemas/NoState"'],
  ['an unknown AsyncAPI keyword', 'action: receive', 'action: receives'],
  ['an invalid schema', 'minimum: 0', 'minimum: none'],
])('the parser would find %s', async (_what, right, wrong) => {
  expect(await faultsOf(SMALL.replace(right, wrong))).not.toEqual([]);
});

test('docs/sockets.md explains the close codes of the document, and no others', () => {
  const prose = readFileSync(join(DOCS, 'sockets.md'), 'utf8');
  expect([...prose.matchAll(/^\| (\d{4}) \|/gm)].map(([, code]) => code)).toEqual(
    Object.values(CLOSES).map(({ code }) => String(code)),
  );
});
