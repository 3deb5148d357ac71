import { count, integer, milliseconds, networks, port, text } from '../parsers.js';
import { variable } from '../variable.js';

export const BIN = {
  binHost: variable(
    'BIN_HOST',
    '127.0.0.1',
    text,
    'listen address of BIN; a specific address is also the source of outgoing connections',
  ),
  binPort: variable('BIN_PORT', '5555', port, 'its port; 0 picks a free one'),
  binAllow: variable('BIN_ALLOW', '', networks, 'networks that may connect to BIN, comma-separated; empty: all'),
  binMaxConnections: variable('BIN_MAX_CONNECTIONS', '1024', count, 'incoming BIN connections in total'),
  binMaxConnectionsPerSource: variable(
    'BIN_MAX_CONNECTIONS_PER_SOURCE',
    '64',
    count,
    'incoming BIN connections from one address',
  ),
  binFrameTimeoutMs: variable(
    'BIN_FRAME_TIMEOUT_MS',
    '5000',
    milliseconds,
    'how long an incomplete frame may wait for its remaining bytes',
  ),
  binIdleTimeoutSeconds: variable(
    'BIN_IDLE_TIMEOUT_SECONDS',
    '0',
    // In milliseconds, what a timer can hold.
    integer(0, 2_147_483),
    'silence after which an incoming connection is closed; 0: never',
  ),
  binConnectTimeoutMs: variable(
    'BIN_CONNECT_TIMEOUT_MS',
    '1000',
    milliseconds,
    'time for a machine to accept a connection',
  ),
  binWriteTimeoutMs: variable(
    'BIN_WRITE_TIMEOUT_MS',
    '1000',
    milliseconds,
    'time for the kernel to accept an outgoing packet',
  ),
  binQueueBytes: variable('BIN_QUEUE_BYTES', '4194304', count, 'bytes that may wait for one machine'),
} as const;
