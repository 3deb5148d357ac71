import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { VERSION } from '../app.js';
import { CHANGES, Snapshot } from '../schemas/changes.js';
import { descriptionOf } from '../schemas/common.js';
import { FailureView } from '../schemas/failure.js';
import { REGISTRATION_NOTIFICATIONS, SESSION_NOTIFICATIONS } from '../schemas/notifications.js';
import { SOCKET_METHODS, SOCKET_PARAMS, SOCKET_ROLES } from '../schemas/socket.js';
import { CLOSES } from '../wire/close-codes.js';
import { BINARY_SUBPROTOCOL, TEXT_SUBPROTOCOL } from '../ws/subprotocols.js';
import { binaryMessage, eventMessages, notificationMessages, requestMessages } from './asyncapi-messages.js';
import { Components, type Json } from './components.js';
import { NAMED_SCHEMAS } from './named-schemas.js';

const CLOSE_CODES = Object.values(CLOSES).map(({ code, meaning }) => `- ${code}: ${meaning}`);

const SOCKET = `JSON-RPC 2.0 in both directions. Subprotocols: \`${TEXT_SUBPROTOCOL}\` (text frames only; the one of a client that offers none) and
\`${BINARY_SUBPROTOCOL}\` (packets travel as binary frames, everything else as text). What a request starts flows behind its answer. Text that is
not JSON is answered with error -32700, and the socket is closed. The service pings every \`heartbeat_seconds\`.

A client that closes with 1000 is done; with any other code its registrations live on for \`limits.replay_seconds\`, and \`register_module\` with
\`resume\` takes them up again. The service closes with

${CLOSE_CODES.join('\n')}`;

const PACKET_FRAME = `Only on \`${BINARY_SUBPROTOCOL}\`, in place of \`packet\`. Little-endian, 16 bytes: u8 kind = 1, u8 0, u16 count, u32 number of the registration,
u64 seq of the first packet; then \`count\` whole BIN packets, one behind the other, exactly as they arrived. Only the low 16 bits of a packet's length count.`;

const SEND_TO_FRAME = `Only on \`${BINARY_SUBPROTOCOL}\`: \`send_to\` in bytes. Little-endian, 16 bytes: u8 kind = 2, u8 0, u16 0, u32 request id, u32 cluster_id, u32 0;
then one whole BIN packet, in which the service writes its own machine id. It is answered in text, with that request id.`;

const EVENTS = `Server-Sent Events: what \`watch\` streams. \`event\` is the name of the message, \`id\` is \`epoch:seq\`, \`data\` is the payload. It begins with a
snapshot, or behind the \`Last-Event-ID\` where nothing is missing.`;

const SECURITY = {
  token: { type: 'http', scheme: 'bearer', description: 'Needed where CLUSTERER_TOKENS is set' },
  subprotocol: {
    type: 'httpApiKey',
    in: 'header',
    name: 'Sec-WebSocket-Protocol',
    description: `For browsers: bearer.<unpadded base64url of the token>, offered beside ${TEXT_SUBPROTOCOL} or ${BINARY_SUBPROTOCOL}`,
  },
};

/** The AsyncAPI document as YAML: every message of a socket and of an event stream, from the schemas the service is typed by. */
export function asyncapiYaml(): string {
  return stringify(asyncapi(), { lineWidth: 0, aliasDuplicateObjects: false });
}

function asyncapi(): Json {
  const components = new Components([...NAMED_SCHEMAS, Snapshot, FailureView]);
  const messages = {
    ...requestMessages(components),
    ...notificationMessages(components),
    packet_frame: binaryMessage('packet_frame', PACKET_FRAME),
    send_to_frame: binaryMessage('send_to_frame', SEND_TO_FRAME),
  };
  const events = eventMessages(components);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Clusterer',
      version: VERSION,
      description:
        'The cluster registry and packet hub for OpenSIPS-style clusters: what travels on its sockets and event streams. openapi.yaml describes the rest.',
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
    defaultContentType: 'application/json',
    servers: {
      sockets: server('ws', ['token', 'subprotocol']),
      events: server('http', ['token']),
    },
    channels: {
      socket: channel('/ws', 'sockets', SOCKET, referencesTo(messages)),
      events: channel('/events', 'events', EVENTS, events),
    },
    operations: { ...requestOperations(), ...notificationOperations(Object.keys(events)) },
    components: { schemas: components.schemas, messages, securitySchemes: SECURITY },
  };
}

function server(protocol: string, security: readonly (keyof typeof SECURITY)[]): Json {
  return {
    host: '127.0.0.1:8080',
    protocol,
    description: 'Where the service listens by default',
    security: security.map((name) => ({ $ref: `#/components/securitySchemes/${name}` })),
  };
}

function channel(address: string, on: string, description: string, messages: Json): Json {
  return { address, description, servers: [{ $ref: `#/servers/${on}` }], messages };
}

function referencesTo(messages: Json): Json {
  return Object.fromEntries(Object.keys(messages).map((name) => [name, { $ref: `#/components/messages/${name}` }]));
}

/** What the service receives on a socket, and how it replies. */
function requestOperations(): Json {
  const requests = SOCKET_METHODS.map((method) => {
    const about = {
      summary: descriptionOf(SOCKET_PARAMS[method]),
      description: `Requires the role \`${SOCKET_ROLES[method]}\`.`,
    };
    return [method, request(method, [`${method}_answer`, 'failure'], about)];
  });
  return {
    ...Object.fromEntries(requests),
    batch: request('batch', ['batch_answer', 'failure'], { summary: 'Several requests in one frame' }),
    send_to_frame: request('send_to_frame', ['send_to_answer', 'failure'], {
      summary: 'The same as send_to, in bytes',
    }),
  };
}

function request(message: string, replies: readonly string[], about: Json): Json {
  const on = { $ref: '#/channels/socket' };
  const reply = { channel: on, messages: messagesOf('socket', replies) };
  return { action: 'receive', channel: on, ...about, messages: messagesOf('socket', [message]), reply };
}

/** What the service sends without being asked. */
function notificationOperations(events: readonly string[]): Json {
  const changes = Object.keys(CHANGES);
  const told = [...Object.keys(REGISTRATION_NOTIFICATIONS), 'packet_frame'];
  return {
    tell_socket: send('socket', Object.keys(SESSION_NOTIFICATIONS), 'How a socket begins and ends'),
    tell_registration: send('socket', told, 'What a registration is told, each with a seq that rises by exactly 1'),
    tell_watcher: send('socket', changes, 'What a watch streams, each with a seq'),
    tell_event_stream: send('events', events, 'What an event stream is told'),
  };
}

function send(on: string, messages: readonly string[], summary: string): Json {
  return { action: 'send', channel: { $ref: `#/channels/${on}` }, summary, messages: messagesOf(on, messages) };
}

function messagesOf(on: string, names: readonly string[]): Json[] {
  return names.map((name) => ({ $ref: `#/channels/${on}/messages/${name}` }));
}

if (require.main === module) writeFileSync(join(__dirname, '../../docs/asyncapi.yaml'), asyncapiYaml());
