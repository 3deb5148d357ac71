import { conditional, field, int, rest, text, texts } from './field.js';
import { moduleOf } from './layout.js';

const entity = [field('etype', int), ...texts('tag0', 'tag1', 'callid')] as const;
const hasLeg = { field: 'leg_tag', is: 'not_empty' } as const;
const whole = [
  ...entity,
  ...texts('ruri', 'from_uri', 'from_dname', 'to_uri', 'to_dname', 'route0', 'route1', 'sock', 'logic_key', 'mod_name'),
  field('state', int),
  field('cseq0', int),
  field('cseq1', int),
  field('last_method', int),
  field('last_reply', int),
  field('last_invite_cseq', int),
  ...texts('contact0', 'contact1', 'leg_tag'),
  conditional('leg_cseq', int, hasLeg),
  conditional('leg_contact', text, hasLeg),
  conditional('leg_route', text, hasLeg),
  // The modules on top of b2b_entities append what they need.
  field('module_data', rest),
] as const;
const withData = [...entity, field('module_data', rest)] as const;

const packet = moduleOf('2.4', 'b2be-entities-repl', 'checked');

export const B2B_ENTITIES = [
  packet('create', 1, whole),
  packet('update', 2, whole),
  packet('param_update', 3, [...entity, field('param', text)]),
  packet('ack', 4, withData),
  packet('delete', 5, withData),
] as const;
