import { added, choice, conditional, field, int, list, text, texts, time32 } from './field.js';
import { moduleOf } from './layout.js';
import { flags, scriptFlags } from './scalars.js';

const call = texts('callid', 'from_tag', 'to_tag');
const hashId = field('h_id', int);

/** Only the bits that all releases use alike. */
const FLAGS = {
  new: 1,
  changed: 2,
  has_bye: 4,
  bye_on_timeout: 8,
  is_init: 16,
  ping_caller: 32,
  ping_callee: 64,
  vp_changed: 256,
  db_deleted: 512,
  cseq_enforce: 1024,
  reinvite_ping_caller: 2048,
  reinvite_ping_callee: 4096,
};

const start = [
  ...call,
  ...texts('from_uri', 'to_uri'),
  hashId,
  field('start_ts', time32),
  field('state', choice('1 unconfirmed, 2 early, 3 confirmed without ACK, 4 confirmed, 5 deleted')),
  ...texts('caller_sock', 'callee_sock', 'caller_cseq', 'callee_cseq', 'caller_route', 'callee_route'),
  ...texts('caller_contact', 'callee_contact', 'mangled_from', 'mangled_to'),
] as const;
const adv24 = [added('adv_sdp_caller', text, ''), added('adv_sdp_callee', text, '')] as const;
const sdp = [
  added('caller_in', text, ''),
  added('caller_out', text, ''),
  added('callee_in', text, ''),
  added('callee_out', text, ''),
  added('adv_contact_caller', text, ''),
  added('adv_contact_callee', text, ''),
] as const;
const values = [...texts('vars', 'profiles'), field('user_flags', scriptFlags)] as const;
const moduleFlags = field('mod_flags', scriptFlags);
const dialogFlags = field('flags', flags(FLAGS));
const pings = [added('options_ping_interval', int, 0), added('reinvite_ping_interval', int, 0)] as const;
const end = [field('timeout', time32), field('caller_last_gen_cseq', int), field('callee_last_gen_cseq', int)] as const;
const routes = [
  added('rt_on_answer', text, ''),
  added('rt_on_timeout', text, ''),
  added('rt_on_hangup', text, ''),
] as const;

const dialog22 = [...start, ...values, dialogFlags, ...end] as const;
const dialog228 = [...start, ...values, moduleFlags, dialogFlags, ...end] as const;
const dialog24 = [...start, ...adv24, ...values, moduleFlags, dialogFlags, ...end] as const;
const dialog30 = [...start, ...sdp, ...values, moduleFlags, dialogFlags, ...end] as const;
const dialog31 = [...dialog30, ...routes] as const;
const dialog5 = [...start, ...sdp, ...values, moduleFlags, dialogFlags, ...pings, ...end, ...routes] as const;

const cseq = field('cseq', int);
const value = [
  field('callid', text),
  hashId,
  field('name', text),
  field('vtype', choice('0 unset, 1 text, 2 integer')),
  conditional('value', text, { field: 'vtype', is: 1 }),
  conditional('value', int, { field: 'vtype', is: 2 }),
] as const;
const profile = [
  field('name', text),
  field('has_value', int),
  conditional('value', text, { field: 'has_value', is: 1 }),
  field('count', int),
] as const;
const profiles = [field('profiles', list(profile))] as const;

const packet22 = moduleOf('2.2', 'dialog', 'checked');
const packet = moduleOf('2.4', 'dialog-dlg-repl', 'checked');
const profilePacket = moduleOf('2.4', 'dialog-prof-repl', 'unchecked');

const LATE_22 = { releases: '2.2.8' };
const EARLY_22 = { releases: 'before 2.2.8' };
const R24 = { versions: [1], releases: '2.4' };
const R300 = { versions: [1], releases: '3.0.0' };
const R30 = { versions: [2], releases: '3.0.1 to 3.0.5' };
const R31 = { versions: [2], releases: '3.1.0 to 3.1.3, 3.2.0' };
const V34 = { versions: [3, 4] };
const V45 = { versions: [4, 5] };

export const DIALOG_22 = [
  packet22('created', 1, dialog228, LATE_22),
  packet22('created', 1, dialog22, EARLY_22),
  packet22('updated', 2, dialog228, LATE_22),
  packet22('updated', 2, dialog22, EARLY_22),
  packet22('deleted', 3, call),
  packet22('profiles', 4, profiles),
] as const;

export const DIALOG = [
  packet('created', 1, dialog30, R300),
  packet('created', 1, dialog24, R24),
  packet('created', 1, dialog31, R31),
  packet('created', 1, dialog30, R30),
  packet('created', 1, dialog31, V34),
  packet('created', 1, dialog5, { versions: [5] }),
  packet('updated', 2, dialog30, R300),
  packet('updated', 2, dialog24, R24),
  packet('updated', 2, dialog31, R31),
  packet('updated', 2, dialog30, R30),
  packet('updated', 2, dialog31, V34),
  packet('updated', 2, dialog5, { versions: [5] }),
  packet('deleted', 3, call, { versions: [1, 2, 3] }),
  packet('deleted', 3, [...call, hashId], V45),
  packet('cseq', 4, [...call, cseq], R300),
  packet('sharing_tag_active', 4, texts('tag'), R24),
  packet('cseq', 5, [...call, cseq], R24),
  packet('cseq', 4, [...call, cseq], { versions: [2, 3] }),
  packet('cseq', 4, [...call, hashId, cseq], V45),
  packet('value', 5, value, V45),
] as const;

export const DIALOG_PROFILES = [profilePacket('profiles', 4, profiles)] as const;
