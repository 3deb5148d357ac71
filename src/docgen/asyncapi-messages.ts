import { LARGEST_BATCH } from '../rpc/json-rpc.js';
import { CHANGES, Snapshot } from '../schemas/changes.js';
import { descriptionOf, exampleOf } from '../schemas/common.js';
import { FailureView } from '../schemas/failure.js';
import { NOTIFICATIONS, SESSION_NOTIFICATIONS } from '../schemas/notifications.js';
import { SOCKET_ANSWERS, SOCKET_METHODS, SOCKET_PARAMS } from '../schemas/socket.js';
import { type TSchema, Type } from '../schemas/typebox.js';
import type { Components, Json } from './components.js';
import { answerFrame, FailureFrame, frameExamples, notificationFrame, requestFrame } from './frames.js';
import { SentSocketParams, withDecodedPackets } from './packet-schemas.js';

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
    const documented = method === 'send_to' ? SentSocketParams : params;
    const name = `${method}_answer`;
    const request = requestFrame(
      method,
      reference(components, documented, `${pascal(method)}Params`),
      needsParams(params),
    );
    const answer = answerFrame(reference(components, SOCKET_ANSWERS[method], `${pascal(method)}Answer`));
    requests[method] = {
      ...text(method, descriptionOf(params), components.refer(request, `${pascal(method)}Request`), [
        frameExamples.request(method, exampleOf(params)),
      ]),
      ...CORRELATED,
    };
    answers[name] = {
      ...text(name, `Response to ${method}`, components.refer(answer, `${pascal(method)}Response`), [
        frameExamples.answer(exampleOf(SOCKET_ANSWERS[method])),
      ]),
      ...CORRELATED,
    };
  }
  answers.failure = {
    ...text('failure', 'Response to a request that failed', components.refer(FailureFrame, 'FailureResponse'), [
      frameExamples.failure(exampleOf(FailureView)),
    ]),
    ...CORRELATED,
  };
  return { ...requests, ...answers, batch: batch('batch', requests), batch_answer: batch('batch_answer', answers) };
}

/** The notifications of a socket. */
export function notificationMessages(components: Components): Messages {
  const messages = Object.entries(NOTIFICATIONS).map(([method, ofService]) => {
    const params = ofService === NOTIFICATIONS.packet ? withDecodedPackets(NOTIFICATIONS.packet) : ofService;
    const frame = notificationFrame(method, reference(components, params, pascal(method)));
    const payload = components.refer(frame, `${pascal(method)}Notification`);
    const example = frameExamples.notification(method, exampleOf(params));
    return [method, text(method, descriptionOf(params), payload, [example])];
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
    const payload = components.refer(schema, pascal(event));
    return [event, text(event, descriptionOf(schema), payload, [exampleOf(schema)])];
  });
  return Object.fromEntries(messages);
}

/** A binary frame. Each character of the example is a byte. */
export function binaryMessage(name: string, description: string, example: Uint8Array): Json {
  return {
    name,
    contentType: 'application/octet-stream',
    description: `${description}\nEach character of the example is one byte.`,
    payload: { type: 'string', format: 'binary', minLength: 16 },
    examples: [{ payload: Buffer.from(example).toString('latin1') }],
  };
}

function text(name: string, summary: string, payload: Json, examples: readonly unknown[]): Json {
  const named = examples.map((example) => ({ payload: example }));
  return { name, summary, contentType: 'application/json', payload, examples: named };
}

function batch(name: string, messages: Messages): Json {
  const all = Object.values(messages);
  const items = { anyOf: all.map(({ payload }) => payload) };
  const payload = { type: 'array', minItems: 1, maxItems: LARGEST_BATCH, items };
  const [example] = all.slice(0, 1).flatMap(({ examples }) => examples as { payload: unknown }[]);
  return text(name, `At most ${LARGEST_BATCH} messages in one frame`, payload, [[example?.payload]]);
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
