import type { State } from '../state/messages.js';
import {
  byWords,
  drainedWords,
  registeredWords,
  reloadWords,
  stateSetWords,
  unregisteredWords,
} from './change-words.js';
import { tagEventWords } from './tag-event-words.js';
import { capital } from './words.js';

/** An entry of `GET /history`. */
export interface HistoryEntry {
  readonly id: number;
  /** RFC 3339. */
  readonly at: string;
  readonly kind: string;
  readonly cluster_id: number | null;
  readonly machine_id: number | null;
  readonly cause: string | null;
  readonly by: string | null;
  /** Its fields depend on the kind. */
  readonly detail: Readonly<Record<string, unknown>>;
}

const PROVISIONED: Readonly<Record<string, string>> = { created: 'was added', deleted: 'was removed' };

/** An entry as a sentence; for an entry that concerns a machine, without the machine: `was added, by alice`. */
export function historyWords({ kind, cause, by, detail, cluster_id }: HistoryEntry): string {
  switch (kind) {
    case 'node_state':
      return stateSetWords(detail.to as State, cause, by, textOf(detail.reason));
    case 'drain': {
      if (detail.change === 'ended') return 'is no longer drained';
      return drainedWords({ reason: textOf(detail.reason), by: textOf(detail.by) });
    }
    case 'provisioning':
      return `${PROVISIONED[String(detail.change)] ?? 'was changed'}${byWords(by)}`;
    case 'reload':
      return cause === 'start' ? `The service started. ${reload(detail)}` : `${reload(detail)}${byWords(by)}`;
    case 'registration': {
      const words = detail.change === 'made' ? registeredWords : unregisteredWords;
      return `${words(String(detail.module), cluster_id ?? 0)}${byWords(by)}`;
    }
    case 'capability': {
      const { name, to } = detail;
      return `announces ${name} as ${to === 'synced' ? 'synced' : 'not synced'}`;
    }
    case 'message':
      return `A ${detail.reply === true ? 'reply' : 'message'} was sent to the machines${byWords(by)}`;
    case 'mi':
      return `The MI command ${detail.command} was sent to the machines${byWords(by)}`;
    case 'tag': {
      const { tag, from, managed, reason } = detail;
      const event = { tag: String(tag), from: typeof from === 'number' ? from : null, managed: managed === true, by };
      return tagEventWords({ ...event, reason: String(reason) });
    }
    // A newer service may record other kinds.
    default:
      return `${capital(kind.replaceAll('_', ' '))}${byWords(by)}`;
  }
}

function reload({ nodes, added, removed, changed, skipped, repaired, over_limit }: HistoryEntry['detail']): string {
  return reloadWords({
    nodes: Number(nodes),
    added: Number(added),
    removed: Number(removed),
    changed: Number(changed),
    skipped: Number(skipped),
    repaired: Number(repaired ?? 0),
    over_limit: Number(over_limit ?? 0),
  });
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
