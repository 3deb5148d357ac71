import { byWords } from './change-words.js';

/** A change of a sharing tag, as events and the history have it. */
export interface TagEvent {
  readonly tag: string;
  /** The owner before. */
  readonly from: number | null;
  readonly managed: boolean;
  readonly reason: string;
  readonly by?: string | null | undefined;
}

/** The change as a sentence about its machine: `was given the tag vip, by alice`. */
export function tagEventWords({ tag, from, managed, reason, by }: TagEvent): string {
  switch (reason) {
    case 'operator':
      return `${managed ? `was given the tag ${tag}` : `is no longer kept active for ${tag}`}${byWords(by)}`;
    case 'failover':
      return `took the tag ${tag} over${from === null ? '' : ` from machine ${from}`}`;
    case 'demoted':
      return `was made backup for ${tag}: it is not the owner`;
    case 'lost':
      return `is out of reach, and may be active for ${tag}`;
    default:
      return `is active for ${tag}`;
  }
}
