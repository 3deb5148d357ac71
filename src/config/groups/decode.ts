import { fieldNames, onOrOff } from '../parsers.js';
import { variable } from '../variable.js';

export const DECODE = {
  decode: variable(
    'DECODE',
    'on',
    onOrOff,
    '`on`, or `off`: payloads of modules are passed on as bytes only; `decode`, and `name` with `fields` are refused',
  ),
  redact: variable(
    'REDACT',
    '',
    fieldNames,
    'fields of decoded packets whose values nobody gets, by their names in [layouts.md](layouts.md): `contact,received,callid`. Packets of registrations with `decode` then have no `payload`',
  ),
} as const;
