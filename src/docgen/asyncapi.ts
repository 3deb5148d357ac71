import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { VERSION } from '../process/version.js';
import { CHANGES } from '../schemas/changes.js';
import { descriptionOf } from '../schemas/common.js';
import { REGISTRATION_NOTIFICATIONS, SESSION_NOTIFICATIONS } from '../schemas/notifications.js';
import { SOCKET_METHODS, SOCKET_PARAMS, SOCKET_ROLES } from '../schemas/socket.js';
import { CLOSES } from '../wire/close-codes.js';
import { V22 } from '../wire/dialects/v22.js';
import { BINARY_SUBPROTOCOL, TEXT_SUBPROTOCOL } from '../ws/subprotocols.js';
import { binaryMessage, eventMessages, notificationMessages, requestMessages } from './asyncapi-messages.js';
import { Components, type Json } from './components.js';
import { NAMED_SCHEMAS, SOCKET_SCHEMAS } from './named-schemas.js';
import { DECODED_SCHEMAS, SOCKET_SENT_SCHEMAS } from './packet-schemas.js';

const HEADER_BYTES = 16;

const CLOSE_CODES = Object.values(CLOSES).map(({ code, meaning }) => `- ${code}: ${meaning}`);

const SOCKET = `JSON-RPC 2.0 in both directions. Subprotocols: \`${TEXT_SUBPROTOCOL}\` (only text frames; the default) and \`${BINARY_SUBPROTOCOL}\`
(packets as binary frames, everything else as text). Notifications that a request starts follow its response. Text that is not JSON
gets the error -32700, then the service closes the socket. The service pings every \`heartbeat_seconds\`.

A close with 1000 by the client ends its registrations. After any other close they survive for \`limits.replay_seconds\`, and
\`register_module\` with \`resume\` resumes them. Close codes of the service:

${CLOSE_CODES.join('\n')}`;

const PACKET_FRAME = `Only on \`${BINARY_SUBPROTOCOL}\`, in place of \`packet\`. A little-endian header of 16 bytes: u8 kind = 1, u8 dialect (0: 2.2, 1: 2.4), u16 count, u32 number of the registration,
u64 seq of the first packet. Then \`count\` BIN packets one after another, exactly as they arrived, all of that dialect. In 2.2 only the low 16 bits of a packet's length count.
Between \`sync_started\` and \`sync_ended\` all packets of the registration are those of the sync.`;

const SEND_TO_FRAME = `Only on \`${BINARY_SUBPROTOCOL}\`: \`send_to\` in bytes. A little-endian header of 16 bytes: u8 kind = 2, u8 0, u16 0, u32 request id, u32 cluster_id, u32 0.
Then one BIN packet, in which the service sets its own machine id. The response is text, with the same request id.`;

const EVENTS = `The stream of \`watch\` as Server-Sent Events. \`event\` is the name of the message, \`id\` is \`epoch:seq\`, \`data\` is the payload. The stream
starts with a snapshot, or after the \`Last-Event-ID\` if no later event is lost.`;

const SECURITY = {
  token: { type: 'http', scheme: 'bearer', description: 'Required where CLUSTERER_TOKENS is set' },
  subprotocol: {
    type: 'httpApiKey',
    in: 'header',
    name: 'Sec-WebSocket-Protocol',
    description: `For browsers: bearer.<unpadded base64url of the token>, offered together with ${TEXT_SUBPROTOCOL} or ${BINARY_SUBPROTOCOL}`,
  },
};

/** Returns the AsyncAPI document: every message of sockets and event streams, made from the schemas of the service. */
export function asyncapiYaml(): string {
  return stringify(asyncapi(), { lineWidth: 0, aliasDuplicateObjects: false });
}

function asyncapi(): Json {
  const components = new Components([...NAMED_SCHEMAS, ...SOCKET_SCHEMAS, ...SOCKET_SENT_SCHEMAS, ...DECODED_SCHEMAS]);
  const messages = {
    ...requestMessages(components),
    ...notificationMessages(components),
    packet_frame: binaryMessage('packet_frame', PACKET_FRAME, packetsExample()),
    send_to_frame: binaryMessage('send_to_frame', SEND_TO_FRAME, sendToExample()),
  };
  const events = eventMessages(components);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Clusterer',
      version: VERSION,
      description:
        'Cluster registry and packet hub for OpenSIPS clusters: the messages of its WebSockets and event streams. See openapi.yaml for the REST API.',
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

/** One packet of machine 2, for registration 1, with seq 7. */
function packetsExample(): Buffer {
  const head = Buffer.alloc(HEADER_BYTES);
  head.writeUInt8(1, 0);
  head.writeUInt16LE(1, 2);
  head.writeUInt32LE(1, 4);
  head.writeUInt32LE(7, 8);
  return Buffer.concat([head, packetExample(2)]);
}

/** Request 1, for cluster 1. */
function sendToExample(): Buffer {
  const head = Buffer.alloc(HEADER_BYTES);
  head.writeUInt8(2, 0);
  head.writeUInt32LE(1, 4);
  head.writeUInt32LE(1, 8);
  return Buffer.concat([head, packetExample(0)]);
}

function packetExample(machineId: number): Buffer {
  const content = { module: 'ul', packetType: 3, version: 1, payload: Buffer.from('hello') };
  const packet = V22.encode(content, { machineId, destination: 0, clusterId: 1 });
  if (packet === 'too_long') throw new Error('the example is too long');
  return packet;
}

function server(protocol: string, security: readonly (keyof typeof SECURITY)[]): Json {
  return {
    host: '127.0.0.1:8080',
    protocol,
    description: 'default address of the service',
    security: security.map((name) => ({ $ref: `#/components/securitySchemes/${name}` })),
  };
}

function channel(address: string, on: string, description: string, messages: Json): Json {
  return { address, description, servers: [{ $ref: `#/servers/${on}` }], messages };
}

function referencesTo(messages: Json): Json {
  return Object.fromEntries(Object.keys(messages).map((name) => [name, { $ref: `#/components/messages/${name}` }]));
}

/** What the service receives on a socket, with the replies. */
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
      summary: 'send_to as a binary frame',
    }),
  };
}

function request(message: string, replies: readonly string[], about: Json): Json {
  const on = { $ref: '#/channels/socket' };
  const reply = { channel: on, messages: messagesOf('socket', replies) };
  return { action: 'receive', channel: on, ...about, messages: messagesOf('socket', [message]), reply };
}

/** What the service sends without a request. */
function notificationOperations(events: readonly string[]): Json {
  const changes = Object.keys(CHANGES);
  const ofRegistration = [...Object.keys(REGISTRATION_NOTIFICATIONS), 'packet_frame'];
  return {
    notify_socket: send('socket', Object.keys(SESSION_NOTIFICATIONS), 'First and last frame of a socket'),
    notify_registration: send(
      'socket',
      ofRegistration,
      'Notifications of a registration; seq increases by 1 with each',
    ),
    notify_watcher: send('socket', changes, 'Notifications of a watch, each with a seq'),
    notify_event_stream: send('events', events, 'Events of an event stream'),
  };
}

function send(on: string, messages: readonly string[], summary: string): Json {
  return { action: 'send', channel: { $ref: `#/channels/${on}` }, summary, messages: messagesOf(on, messages) };
}

function messagesOf(on: string, names: readonly string[]): Json[] {
  return names.map((name) => ({ $ref: `#/channels/${on}/messages/${name}` }));
}

if (require.main === module) writeFileSync(join(__dirname, '../../docs/asyncapi.yaml'), asyncapiYaml());
