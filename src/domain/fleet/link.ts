/** What pings say of a machine. */
export type LinkState = 'up' | 'probing' | 'down';

/** The link to one machine: whether the machine replies to pings (L1 to L8). Times are monotonic milliseconds. */
export interface Link {
  readonly state: LinkState;
  /** A ping was sent, and its reply or time-out has not come yet. */
  readonly awaitsReply: boolean;
  /** The number of consecutive pings without a reply. */
  readonly unanswered: number;
  /** When the next ping is sent, or the time-out of the current one. Infinity for never. */
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
  /** It announces that its link to us is up while ours to it is not, or the reverse. */
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
  /** A ping had no reply in time. */
  readonly attemptFailed: boolean;
}

/** The link to a machine that is not pinged. */
export const STOPPED: Link = { state: 'down', awaitsReply: false, unanswered: 0, dueAt: Number.POSITIVE_INFINITY };

/**
 * Returns the link after an event, and what to do.
 * @param pingRetries the number of consecutive pings without a reply that makes the link `down`; less than 1 counts as 1 (L4)
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
      // A late reply came after the time-out of its ping, but shows that the machine runs: ping it again.
      return state === 'up' ? same(link) : ping(link, atMs, times);
    case 'spoke':
      return awaitsReply || state === 'up' ? same(link) : ping(link, atMs, times);
    case 'contradicted':
      return awaitsReply ? same(link) : ping(link, atMs, times);
    case 'send_failed':
      if (state !== 'up') return same(link);
      // The current ping may have been lost with the connection: its reply or time-out decides.
      return awaitsReply ? same({ ...link, state: 'probing' }) : probe(atMs, times);
    case 'unknown_id':
      // Not at once: a machine that never learns our id would get pings without a pause.
      return same({ state: 'probing', awaitsReply: false, unanswered: 0, dueAt: atMs + times.pingTimeoutMs });
  }
}

/** A ping before its time, or the usual one. For a machine whose link is down, the count of pings starts again (L5). */
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
