import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import asyncapi from '../../../docs/asyncapi.yaml';

import { QUICK } from './quick-ajv.js';

type Frame = Readonly<Record<string, unknown>>;

const PLACES = { socket: 'components', events: 'channels/events' } as const;

/** Made at the first frame: most test files open no socket. */
let document: Ajv | null = null;

const faults: string[] = [];

// Frames may arrive when the test does not wait for them, so faults are collected.
afterEach(() => {
  expect(faults.splice(0)).toEqual([]);
});

function readDocument(): Ajv {
  const ajv = new Ajv(QUICK);
  addFormats(ajv);
  return ajv.addSchema(JSON.parse(JSON.stringify(asyncapi), closeObject), 'asyncapi');
}

/** A reviver for the document: objects must not have undocumented fields. */
function closeObject(_key: unknown, value: unknown): unknown {
  const schema = Object(value);
  return schema.type === 'object' && 'properties' in schema ? { additionalProperties: false, ...schema } : value;
}

/** Checks a text frame of the service, and the request that it responds to, against docs/asyncapi.yaml. */
export function checkFrame(frame: unknown, requestOf: (id: unknown) => Frame | undefined): void {
  if (Array.isArray(frame)) {
    check('socket', 'batch_answer', frame);
    for (const one of frame) checkFrame(one, requestOf);
    return;
  }
  const { method, id, result, error } = Object(frame);
  if (method !== undefined) check('socket', String(method), frame);
  const request = requestOf(id);
  if (error !== undefined) check('socket', 'failure', frame);
  if (result === undefined || request === undefined) return;
  // A refused request may have any form; an accepted one must be documented.
  const { params, ...bare } = request;
  // An empty list counts as no parameters (docs/behaviour.md).
  check('socket', String(request.method), Array.isArray(params) && params.length === 0 ? bare : request);
  check('socket', `${request.method}_answer`, frame);
}

/** Checks the data of a Server-Sent Event. */
export function checkEvent(event: string, data: unknown): void {
  check('events', event, data);
}

function check(on: keyof typeof PLACES, message: string, value: unknown): void {
  const place = PLACES[on];
  document ??= readDocument();
  const validate = document.getSchema(`asyncapi#/${place}/messages/${message}/payload`);
  if (validate?.(value)) return;
  const why = validate === undefined ? 'is not in the document' : document.errorsText(validate.errors);
  faults.push(`${message}: ${why}\n${JSON.stringify(value)}`);
}
