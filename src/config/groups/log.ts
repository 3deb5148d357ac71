import { LEVELS, LOG_FORMATS, oneOf, text } from '../parsers.js';
import { variable } from '../variable.js';

export const LOG = {
  logLevel: variable('LOG_LEVEL', 'info', oneOf(LEVELS), `log level: ${LEVELS.join(', ')}`),
  logFormat: variable(
    'LOG_FORMAT',
    'auto',
    oneOf(LOG_FORMATS),
    '`json`: one JSON object a line; `pretty`: readable lines; `auto`: `pretty` on a terminal, otherwise `json`',
  ),
  commit: variable(
    'COMMIT',
    '',
    text,
    'commit that the service was built from, for the log and `GET /version`; empty: unknown',
  ),
} as const;
