import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';

type Frame = Readonly<Record<string, unknown>>;

const PLACES = { socket: 'components', events: 'channels/events' } as const;

/** Read by the first frame: most test files open no socket. */
let document: Ajv | null = null;

const faults: string[] = [];

// What arrives where nobody waits for it must fail the test all the same.
afterEach(() => {
  expect(faults.splice(0)).toEqual([]);
});

function readDocument(): Ajv {
  const yaml = readFileSync(join(__dirname, '../../../docs/asyncapi.yaml'), 'utf8');
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats(ajv);
  return ajv.addSchema(parse(yaml, closeObject), 'asyncapi');
}

/** A reviver of the document: an object may have the fields that are documented, and no others. */
function closeObject(_key: unknown, value: unknown): unknown {
  const schema = Object(value);
  return schema.type === 'object' && 'properties' in schema ? { additionalProperties: false, ...schema } : value;
}

/** Holds a text frame of the service, and the request that it answers, against docs/asyncapi.yaml. */
export function holdFrame(frame: unknown, requestOf: (id: unknown) => Frame | undefined): void {
  if (Array.isArray(frame)) {
    hold('socket', 'batch_answer', frame);
    for (const one of frame) holdFrame(one, requestOf);
    return;
  }
  const { method, id, result, error } = Object(frame);
  if (method !== undefined) hold('socket', String(method), frame);
  const request = requestOf(id);
  if (error !== undefined) hold('socket', 'failure', frame);
  if (result === undefined || request === undefined) return;
  // What is refused may look like anything; what is done must be documented.
  const { params, ...bare } = request;
  // An empty list counts as no parameters (docs/behaviour.md).
  hold('socket', String(request.method), Array.isArray(params) && params.length === 0 ? bare : request);
  hold('socket', `${request.method}_answer`, frame);
}

/** Holds the data of a Server-Sent Event. */
export function holdEvent(event: string, data: unknown): void {
  hold('events', event, data);
}

function hold(on: keyof typeof PLACES, message: string, value: unknown): void {
  const place = PLACES[on];
  document ??= readDocument();
  const validate = document.getSchema(`asyncapi#/${place}/messages/${message}/payload`);
  if (validate?.(value)) return;
  const why = validate === undefined ? 'is not in the document' : document.errorsText(validate.errors);
  faults.push(`${message}: ${why}\n${JSON.stringify(value)}`);
}
