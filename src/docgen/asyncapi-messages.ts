import { type TSchema, Type } from 'typebox';
import { LARGEST_BATCH } from '../rpc/json-rpc.js';
import { CHANGES, Snapshot } from '../schemas/changes.js';
import { descriptionOf } from '../schemas/common.js';
import { NOTIFICATIONS, SESSION_NOTIFICATIONS } from '../schemas/notifications.js';
import { SOCKET_ANSWERS, SOCKET_METHODS, SOCKET_PARAMS } from '../schemas/socket.js';
import type { Components, Json } from './components.js';
import { answerFrame, FailureFrame, notificationFrame, requestFrame } from './frames.js';

/** Messages of the AsyncAPI document, by name. */
export type Messages = Readonly<Record<string, Json>>;

/** A response has the id of its request. */
const CORRELATED = { correlationId: { location: '$message.payload#/id' } };

/** The requests of a client, and the responses. */
export function requestMessages(components: Components): Messages {
  const requests: Record<string, Json> = {};
  const answers: Record<string, Json> = {};
  for (const method of SOCKET_METHODS) {
    const params = SOCKET_PARAMS[method];
    const request = requestFrame(method, reference(components, params, `${pascal(method)}Params`), needsParams(params));
    const answer = answerFrame(reference(components, SOCKET_ANSWERS[method], `${pascal(method)}Answer`));
    const summary = descriptionOf(params);
    requests[method] = { ...text(method, summary, components.inline(request)), ...CORRELATED };
    const name = `${method}_answer`;
    answers[name] = { ...text(name, `Response to ${method}`, components.inline(answer)), ...CORRELATED };
  }
  answers.failure = {
    ...text('failure', 'Response to a request that failed', components.inline(FailureFrame)),
    ...CORRELATED,
  };
  return { ...requests, ...answers, batch: batch('batch', requests), batch_answer: batch('batch_answer', answers) };
}

/** The notifications of a socket. */
export function notificationMessages(components: Components): Messages {
  const messages = Object.entries(NOTIFICATIONS).map(([method, params]) => {
    const frame = notificationFrame(method, reference(components, params, pascal(method)));
    return [method, text(method, descriptionOf(params), components.inline(frame))];
  });
  return Object.fromEntries(messages);
}

/** The events of an event stream: the parameters of notifications. */
export function eventMessages(components: Components): Messages {
  const events: Readonly<Record<string, TSchema>> = {
    snapshot: Snapshot,
    ...CHANGES,
    going_away: SESSION_NOTIFICATIONS.going_away,
  };
  const messages = Object.entries(events).map(([event, schema]) => {
    return [event, text(event, descriptionOf(schema), components.refer(schema, pascal(event)))];
  });
  return Object.fromEntries(messages);
}

/** A binary frame. */
export function binaryMessage(name: string, description: string): Json {
  return {
    name,
    contentType: 'application/octet-stream',
    description,
    payload: { type: 'string', format: 'binary', minLength: 16 },
  };
}

function text(name: string, summary: string, payload: Json): Json {
  return { name, summary, contentType: 'application/json', payload };
}

function batch(name: string, messages: Messages): Json {
  const items = { anyOf: Object.keys(messages).map((one) => ({ $ref: `#/components/messages/${one}/payload` })) };
  const payload = { type: 'array', minItems: 1, maxItems: LARGEST_BATCH, items };
  return text(name, `At most ${LARGEST_BATCH} messages in one frame`, payload);
}

function reference(components: Components, schema: TSchema, name: string): TSchema {
  return Type.Unsafe(components.refer(schema, name));
}

/** True for a request that has required parameters. */
function needsParams(params: TSchema): boolean {
  return 'required' in params && Array.isArray(params.required) && params.required.length > 0;
}

/** Turns `node_state` into `NodeState`. */
function pascal(method: string): string {
  return method.replaceAll(/(?:^|_)([a-z])/g, (_all, letter: string) => letter.toUpperCase());
}
