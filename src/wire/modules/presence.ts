import { choice, field, int, texts, time32 } from './field.js';
import { moduleOf } from './layout.js';

const publish = [
  ...texts('user', 'domain', 'event', 'old_etag', 'new_etag'),
  field('expires', choice('seconds')),
  field('received_time', time32),
  ...texts('sender', 'extra_hdrs', 'sphere', 'body'),
] as const;
const query = texts('pres_uri', 'event');

const packet = moduleOf('2.4', 'presence', 'checked');
const puaPacket = moduleOf('2.4', 'pua', 'checked');
const OLD = { releases: '2.4 and 3.0', families: ['C1', 'C2'] } as const;
const NEW = { releases: '3.1 and later', families: ['C2', 'C3', 'D1', 'D2', 'E'] } as const;

export const PRESENCE = [
  packet('publish', 1, publish, NEW),
  packet('query', 2, query, NEW),
  packet('publish', 101, publish, OLD),
  packet('query', 102, query, OLD),
  packet('sharing_tag_active', 10001, texts('tag'), { releases: '2.4' }),
] as const;

export const PUA = [
  puaPacket('publication', 1, [
    ...texts('pres_uri'),
    field('flag', int),
    ...texts('id'),
    field('event', int),
    ...texts('etag'),
  ]),
] as const;
