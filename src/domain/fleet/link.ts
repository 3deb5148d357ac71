/** What pings say of a machine. */
export type LinkState = 'up' | 'probing' | 'down';

/** The link to one machine: whether it answers pings (L1 to L8). Times are monotonic milliseconds. */
export interface Link {
  readonly state: LinkState;
  /** A ping is under way. */
  readonly awaitsReply: boolean;
  /** Pings in succession without a reply. */
  readonly unanswered: number;
  /** When something must happen: a ping, or the end of waiting for its reply. Infinity for never. */
  readonly dueAt: number;
}

export type LinkEvent =
  /** The machine is new, or an operator has enabled it. */
  | 'started'
  /** An operator has disabled it, or it was removed. */
  | 'stopped'
  | 'due'
  | 'pong'
  /** A ping or a packet came from it. */
  | 'spoke'
  /** It tells others that its link to us is not what ours is. */
  | 'contradicted'
  | 'send_failed'
  /** It does not know our id. */
  | 'unknown_id';

/** Milliseconds. */
export interface LinkTimes {
  readonly pingIntervalMs: number;
  readonly pingTimeoutMs: number;
  readonly nodeTimeoutMs: number;
}

export interface LinkStep {
  readonly link: Link;
  /** Send a ping now. */
  readonly ping: boolean;
  /** A ping stayed unanswered. */
  readonly attemptFailed: boolean;
}

/** Not asked at all. */
export const STOPPED: Link = { state: 'down', awaitsReply: false, unanswered: 0, dueAt: Number.POSITIVE_INFINITY };

/**
 * Returns the link after an event, and what to do.
 * @param pingRetries how many pings may stay unanswered; less than 1 counts as 1 (L4)
 */
export function linkAfter(link: Link, event: LinkEvent, atMs: number, times: LinkTimes, pingRetries: number): LinkStep {
  const { state, awaitsReply } = link;
  switch (event) {
    case 'started':
      return probe(atMs, times);
    case 'stopped':
      return same(STOPPED);
    case 'due':
      return awaitsReply ? afterTimeout(link, atMs, times, pingRetries) : ping(link, atMs, times);
    case 'pong':
      if (awaitsReply) {
        return same({ state: 'up', awaitsReply: false, unanswered: 0, dueAt: atMs + times.pingIntervalMs });
      }
      // A late reply proves nothing of the ping it answers, but the machine lives: ask it again.
      return state === 'up' ? same(link) : ping(link, atMs, times);
    case 'spoke':
      return awaitsReply || state === 'up' ? same(link) : ping(link, atMs, times);
    case 'contradicted':
      return awaitsReply ? same(link) : ping(link, atMs, times);
    case 'send_failed':
      if (state !== 'up') return same(link);
      // The ping under way may have been lost with the connection: its deadline tells.
      return awaitsReply ? same({ ...link, state: 'probing' }) : probe(atMs, times);
    case 'unknown_id':
      // Not at once: a machine that never learns our id would be asked without a pause.
      return same({ state: 'probing', awaitsReply: false, unanswered: 0, dueAt: atMs + times.pingTimeoutMs });
  }
}

/** A ping outside the usual order; one to a machine that is down begins a new probe (L5). */
function ping(link: Link, atMs: number, times: LinkTimes): LinkStep {
  if (link.state === 'down') return probe(atMs, times);
  return asked({ ...link, awaitsReply: true, dueAt: atMs + times.pingTimeoutMs });
}

function probe(atMs: number, times: LinkTimes): LinkStep {
  return asked({ state: 'probing', awaitsReply: true, unanswered: 0, dueAt: atMs + times.pingTimeoutMs });
}

function afterTimeout(link: Link, atMs: number, times: LinkTimes, pingRetries: number): LinkStep {
  const unanswered = link.unanswered + 1;
  if (unanswered >= pingRetries) {
    const down: Link = { state: 'down', awaitsReply: false, unanswered, dueAt: atMs + times.nodeTimeoutMs };
    return { link: down, ping: false, attemptFailed: true };
  }
  const probing: Link = { state: 'probing', awaitsReply: true, unanswered, dueAt: atMs + times.pingTimeoutMs };
  return { link: probing, ping: true, attemptFailed: true };
}

function same(link: Link): LinkStep {
  return { link, ping: false, attemptFailed: false };
}

function asked(link: Link): LinkStep {
  return { link, ping: true, attemptFailed: false };
}
