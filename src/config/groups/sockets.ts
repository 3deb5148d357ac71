import { count, integer } from '../parsers.js';
import { variable } from '../variable.js';

export const SOCKETS = {
  heartbeatSeconds: variable('WS_HEARTBEAT_SECONDS', '25', integer(1, 86_400), 'interval of pings on a socket'),
  pongTimeoutSeconds: variable(
    'WS_PONG_TIMEOUT_SECONDS',
    '10',
    integer(1, 86_400),
    'time for a client to answer a ping; then its socket is closed with 4012',
  ),
  wsQueueBytes: variable(
    'WS_QUEUE_BYTES',
    '16777216',
    count,
    'bytes that may wait for one socket; above this, it is closed with 4008',
  ),
  wsMaxRegistrations: variable('WS_MAX_REGISTRATIONS', '256', count, 'registrations of one socket'),
  maxRegistrations: variable('MAX_REGISTRATIONS', '100000', count, 'registrations of all sockets'),
  wsMaxClients: variable(
    'WS_MAX_CLIENTS',
    '10000',
    count,
    'sockets in total, and event streams in total; further ones get 503',
  ),
  wsMaxPerClient: variable(
    'WS_MAX_PER_CLIENT',
    '1000',
    count,
    'sockets of one client, and event streams of one client; further ones get 503',
  ),
  wsMessagesPerSecond: variable(
    'WS_MESSAGES_PER_SECOND',
    '10000',
    count,
    'messages from one socket in one second; above this, it is closed with 4029',
  ),
  wsFrameBytes: variable(
    'WS_FRAME_BYTES',
    '1048576',
    count,
    'largest message from a client; a larger one closes its socket with 1009',
  ),
} as const;
