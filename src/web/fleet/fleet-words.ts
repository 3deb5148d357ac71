import type { LinkChange } from '../state/link-log.js';
import type { Change } from '../state/messages.js';
import { predicateOf } from '../words/change-words.js';
import { tagEventWords } from '../words/tag-event-words.js';
import { timeOf } from '../words/times.js';
import { badgeWords } from './badges.js';
import type { Look, Picture, PictureNode } from './picture.js';

export const LOOK_WORDS: Readonly<Record<Look, string>> = {
  own: 'this service',
  up: 'up',
  waiting: 'up, without a link from here',
  temp_disabled: 'disabled',
  down: 'down',
  drained: 'drained',
};

/** `Machine 3, up: linked to 1, 2 and 9; one side only: it sees 4; active for vip` */
export function nodeWords({ machineId, look, badges, ...links }: PictureNode): string {
  const { linked, onlyItSays, onlyTheySay, missing } = links;
  const parts = [
    linked.length === 0 ? 'no links' : `linked to ${idsWords(linked)}`,
    onlyItSays.length === 0 ? '' : `one side only: it sees ${idsWords(onlyItSays)}`,
    onlyTheySay.length === 0 ? '' : `one side only: it is seen by ${idsWords(onlyTheySay)}`,
    missing.length === 0 ? '' : `not linked to ${idsWords(missing)}`,
    ...badges.map(badgeWords),
  ];
  return `Machine ${machineId}, ${LOOK_WORDS[look]}: ${parts.filter((part) => part !== '').join('; ')}`;
}

/** `5 machines, 7 links, 1 seen by one side only, 2 missing, several machines active for vip` */
export function pictureWords({ nodes, links }: Picture): string {
  const split = nodes.flatMap(({ badges }) => badges.filter(({ look }) => look === 'split').map(({ tag }) => tag));
  const count = { both: 0, one: 0, unheard: 0, none: 0 };
  for (const { look } of links) count[look]++;
  const parts = [
    `${plural(nodes.length, 'machine')}, ${plural(count.both, 'link')}`,
    count.one === 0 ? '' : `${count.one} seen by one side only`,
    count.none === 0 ? '' : `${count.none} missing`,
    split.length === 0 ? '' : `several machines active for ${[...new Set(split)].join(', ')}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** `2`, `2 and 3`, `2, 3 and 4`, in order */
export function idsWords(ids: readonly number[]): string {
  const sorted = ids.toSorted((a, b) => a - b);
  const last = sorted.pop();
  return sorted.length === 0 ? `${last ?? ''}` : `${sorted.join(', ')} and ${last}`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The link of a machine as an event: `the link to machine 3 is down`. Other events say what they say in the activity. */
export function fleetEventWords(change: Change): string {
  switch (change.method) {
    case 'link':
      return linkChangeWords(change.params);
    case 'topology': {
      const { machine_id, neighbours } = change.params;
      return `Machine ${machine_id} is linked to ${neighbours.length === 0 ? 'none' : idsWords(neighbours)}`;
    }
    case 'capability': {
      const { machine_id, name, to } = change.params;
      return `Machine ${machine_id} has ${name}${to === 'synced' ? '' : ', not synced'}`;
    }
    case 'tag':
      return `Machine ${change.params.machine_id} ${tagEventWords(change.params)}`;
    case 'node_state':
    case 'machine_added':
    case 'machine_changed':
    case 'machine_removed':
      return `Machine ${change.params.machine.machine_id} ${predicateOf(change)}`;
    default:
      return '';
  }
}

/** `The link to machine 3 is down` */
export function linkChangeWords({ machine_id, to }: { machine_id: number; to: string }): string {
  return `The link to machine ${machine_id} is ${to === 'probing' ? 'being tested' : to}`;
}

/** The links of a machine as facts of its sheet. */
export function linkFacts({ linked, onlyItSays, onlyTheySay, missing }: PictureNode): [string, string][] {
  const facts: [string, readonly number[]][] = [
    ['Only it sees', onlyItSays],
    ['Only they see it', onlyTheySay],
    ['Not linked to', missing],
  ];
  const unusual = facts
    .filter(([, ids]) => ids.length > 0)
    .map(([name, ids]): [string, string] => [name, idsWords(ids)]);
  return [['Linked to', linked.length === 0 ? 'none' : idsWords(linked)], ...unusual];
}

/** Since when our link to a machine is as it is, and the changes before that. */
export function linkLogFacts(changes: readonly LinkChange[], now: number): [string, string][] {
  const [last, ...before] = changes.map(({ at, to }) => [to === 'probing' ? 'tested' : to, timeOf(at, now)] as const);
  if (last === undefined) return [];
  const earlier = before.map((change) => change.join(' ')).join(', ');
  return [['Our link', last.join(' since ')], ...(earlier === '' ? [] : [['Before', earlier] as [string, string]])];
}
