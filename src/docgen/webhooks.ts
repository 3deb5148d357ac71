import { exampleOf } from '../schemas/common.js';
import { WEBHOOK_BODIES, WEBHOOK_EVENTS, type WebhookEventType } from '../schemas/webhooks.js';

const SUMMARIES: Readonly<Record<WebhookEventType, string>> = {
  node_state: 'The state of a machine changed',
  drain: 'A drain began, changed or ended',
  reception: 'A machine was silent for longer than a module allows, or its reception is enabled again',
  tag: 'A sharing tag has another owner, or another machine is active for it',
};

/** The headers of Standard Webhooks. */
const HEADERS = {
  'webhook-id': 'the same at each attempt; an event may arrive more than once',
  'webhook-timestamp': 'when this attempt was made, in unix seconds',
  'webhook-signature': 'one or more `v1,` and the base64 of an HMAC-SHA256, separated by spaces',
};

const PAUSE = 'No requests until `Retry-After` has passed, at most for an hour';

/** The webhooks of the OpenAPI document: what the service sends to the receivers in CLUSTERER_WEBHOOKS. */
export function webhooks(): Record<string, object> {
  return Object.fromEntries(WEBHOOK_EVENTS.map((type) => [type, { post: operationOf(type) }]));
}

function operationOf(type: WebhookEventType): object {
  const { $id } = WEBHOOK_BODIES[type];
  return {
    operationId: `${type === 'node_state' ? 'nodeState' : type}Event`,
    summary: SUMMARIES[type],
    tags: ['webhooks'],
    // The receiver's own matter: a signature in place of a token.
    security: [],
    parameters: Object.entries(HEADERS).map(([name, description]) => {
      return { name, in: 'header', required: true, description, schema: { type: 'string' } };
    }),
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: { $ref: `#/components/schemas/${$id}` },
          example: exampleOf(WEBHOOK_BODIES[type]),
        },
      },
    },
    responses: {
      204: { description: 'Delivered, as with any other 2xx' },
      410: { description: 'Ends the webhook until the next start of the service' },
      429: { description: PAUSE },
      503: { description: PAUSE },
      default: { description: 'A failure: the event is sent again, for a day' },
    },
  };
}
