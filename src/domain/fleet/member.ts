import type { NodeDescription } from '../../wire/cluster/messages.js';

/** A machine of a cluster of dialect 2.4, other than this service: its row, or its own description. */
export interface Member extends NodeDescription {
  readonly machineId: number;
  /** All addresses of the url's host: where its packets come from. Canonical text. */
  readonly ips: readonly string[];
  /** False while an operator has set it down (L8). */
  readonly isEnabled: boolean;
  /** It has no row, and was learned from the fleet (J3). */
  readonly isLearned: boolean;
}

/** What daemons take for a machine that says no more than its url. */
export const DEFAULT_PRIORITY = 50;
export const DEFAULT_PING_RETRIES = 3;
