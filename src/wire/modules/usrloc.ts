import { contactId } from './contact-id.js';
import { added, choice, conditional, field, int, object, text, textList, texts, time64 } from './field.js';
import { moduleOf } from './layout.js';
import { flagNames, methods, q, scriptFlags } from './scalars.js';

const record = texts('domain', 'aor');
const contact = field('contact', text);
const id = field('contact_id', contactId);
const labels = [field('label', int), field('next_clabel', int)] as const;
const client = [
  ...texts('callid', 'user_agent', 'path', 'attr', 'received', 'instance'),
  field('expires', time64),
  field('q', q),
  field('socket', text),
  field('cseq', int),
  field('flags', scriptFlags),
] as const;
const numberedFlags = field('cflags', scriptFlags);
const namedFlags = field('cflags', flagNames);
const state = [field('methods', methods), field('last_modified', time64)] as const;
const kv = added('kv', text, '');
const match = [
  field('mode', choice('-1 default of the daemon, 0 contact, 1 contact and callid, 2 parameters of the uri')),
  conditional('params', textList, { field: 'mode', is: 2 }),
] as const;
const ctmatch = added('ctmatch', object(match), { mode: -1 });

const old = [contact, ...client, numberedFlags, ...state] as const;
const oldWithId = [contact, id, ...client, numberedFlags, ...state] as const;
const named = [...client, namedFlags, ...state] as const;
const removed = [...record, contact, field('callid', text), field('cseq', int)] as const;

const packet22 = moduleOf('2.2', 'ul', 'checked');
const packet = moduleOf('2.4', 'usrloc-contact-repl', 'checked');

const FIRST = { versions: [1], releases: '2.4.0 and 2.4.1' };
const SECOND = { versions: [1], releases: '2.4.2' };
const MIDDLE = { versions: [1], releases: '2.4.2 to 2.4.6' };
const V1 = { versions: [1] };
const V2 = { versions: [2] };
const V3 = { versions: [3] };

export const USRLOC_22 = [
  packet22('aor_insert', 1, record),
  packet22('aor_delete', 2, record),
  packet22('contact_insert', 3, [...record, ...old]),
  packet22('contact_update', 4, [...record, ...old]),
  packet22('contact_delete', 5, removed),
] as const;

export const USRLOC = [
  packet('aor_insert', 1, record, V1),
  packet('aor_insert', 1, [...record, ...labels], { versions: [2, 3, 4] }),
  packet('aor_insert', 1, [...record, ...labels, kv], { versions: [5] }),
  packet('aor_delete', 2, record, { versions: [1, 2, 3, 4, 5] }),

  packet('contact_insert', 3, [...record, ...oldWithId, kv], { versions: [1], releases: '3.0.0' }),
  packet('contact_insert', 3, [...record, ...oldWithId], MIDDLE),
  packet('contact_insert', 3, [...record, ...old], FIRST),
  packet('contact_insert', 3, [...record, ...oldWithId, kv], { versions: [2], releases: '3.0.1 to 3.1.2' }),
  packet('contact_insert', 3, [...record, ...oldWithId], { versions: [2], releases: '2.4.7 to 2.4.11' }),
  packet('contact_insert', 3, [...record, ...oldWithId, kv, ctmatch], V3),
  packet('contact_insert', 3, [...record, contact, id, ...named, kv, ctmatch], { versions: [4, 5] }),

  packet('contact_update', 4, [...record, ...old, kv, id], { versions: [1], releases: '2.4.3 to 2.4.6, 3.0.0' }),
  packet('contact_update', 4, [...record, ...old, kv], SECOND),
  packet('contact_update', 4, [...record, ...old], FIRST),
  packet('contact_update', 4, [...record, ...old, kv, id], V2),
  packet('contact_update', 4, [...record, ...old, kv, id, ctmatch], V3),
  packet('contact_update', 4, [...record, contact, ...named, kv, id, ctmatch], { versions: [4, 5] }),

  packet('contact_delete', 5, removed, { versions: [1, 2] }),
  packet('contact_delete', 5, [...removed, ctmatch], { versions: [3, 4, 5] }),
] as const;
