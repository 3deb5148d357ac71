import { count, milliseconds, port, text } from '../parsers.js';
import { variable } from '../variable.js';

export const HTTP = {
  httpHost: variable('HTTP_HOST', '127.0.0.1', text, 'listen address of REST and WebSocket'),
  httpPort: variable('HTTP_PORT', '8080', port, 'their port; 0 picks a free one'),
  httpBodyBytes: variable('HTTP_BODY_BYTES', '1048576', count, 'largest request body; larger ones get 413'),
  httpHeaderBytes: variable('HTTP_HEADER_BYTES', '16384', count, 'largest request headers; larger ones get 431'),
  httpHeaderTimeoutMs: variable(
    'HTTP_HEADER_TIMEOUT_MS',
    '10000',
    milliseconds,
    'time for the headers of a request to arrive; then the answer is 408',
  ),
  httpRequestTimeoutMs: variable(
    'HTTP_REQUEST_TIMEOUT_MS',
    '60000',
    milliseconds,
    'time for the whole request to arrive; then the answer is 408',
  ),
  httpRequestsPerSecond: variable(
    'HTTP_REQUESTS_PER_SECOND',
    '50000',
    count,
    'requests of one client in one second; further ones get 429',
  ),
  httpMaxConnections: variable('HTTP_MAX_CONNECTIONS', '25000', count, 'HTTP connections in total'),
  httpMaxConnectionsPerSource: variable(
    'HTTP_MAX_CONNECTIONS_PER_SOURCE',
    '4000',
    count,
    'HTTP connections from one address',
  ),
} as const;
