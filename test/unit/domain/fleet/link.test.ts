import { type Link, type LinkEvent, linkAfter, STOPPED } from '../../../../src/domain/fleet/link.js';

const TIMES = { pingIntervalMs: 4_000, pingTimeoutMs: 1_000, nodeTimeoutMs: 60_000 };
const NOW = 100_000;

const UP: Link = { state: 'up', awaitsReply: false, unanswered: 0, dueAt: NOW };
const UP_ASKED: Link = { ...UP, awaitsReply: true };
const PROBING: Link = { state: 'probing', awaitsReply: true, unanswered: 1, dueAt: NOW };
const PAUSED: Link = { ...PROBING, awaitsReply: false, unanswered: 0 };
const DOWN: Link = { state: 'down', awaitsReply: false, unanswered: 3, dueAt: NOW };

/** `state[?] unanswered due-in[, ping][, failed]`; `?` while a ping is under way. */
function stepText(link: Link, event: LinkEvent, pingRetries = 3): string {
  const step = linkAfter(link, event, NOW, TIMES, pingRetries);
  const { state, awaitsReply, unanswered, dueAt } = step.link;
  const words = [`${state}${awaitsReply ? '?' : ''} ${unanswered} ${dueAt - NOW}`];
  return [...words, ...(step.ping ? ['ping'] : []), ...(step.attemptFailed ? ['failed'] : [])].join(', ');
}

describe('a link', () => {
  test.each<[string, Link, LinkEvent, string]>([
    ['begins with a ping', STOPPED, 'started', 'probing? 0 1000, ping'],
    ['is pinged each interval', UP, 'due', 'up? 0 1000, ping'],
    ['is up after a reply', PROBING, 'pong', 'up 0 4000'],
    ['stays up after a reply', UP_ASKED, 'pong', 'up 0 4000'],
    ['ignores a second reply', UP, 'pong', 'up 0 0'],
    ['is probed when a reply is missing', UP_ASKED, 'due', 'probing? 1 1000, ping, failed'],
    ['is probed again after a second', PROBING, 'due', 'probing? 2 1000, ping, failed'],
    ['is down at the limit', { ...PROBING, unanswered: 2 }, 'due', 'down 3 60000, failed'],
    ['is probed anew after the node timeout', DOWN, 'due', 'probing? 0 1000, ping'],
    ['is probed when the machine speaks', DOWN, 'spoke', 'probing? 0 1000, ping'],
    ['is probed at a late reply', DOWN, 'pong', 'probing? 0 1000, ping'],
    ['has one ping under way at most', PROBING, 'spoke', 'probing? 1 0'],
    ['stays up when the machine speaks', UP, 'spoke', 'up 0 0'],
    ['is checked when contradicted, and stays up meanwhile', UP, 'contradicted', 'up? 0 1000, ping'],
    ['waits for the ping under way when contradicted', UP_ASKED, 'contradicted', 'up? 0 0'],
    ['is probed when contradicted while down', DOWN, 'contradicted', 'probing? 0 1000, ping'],
    ['is probed after a failed send', UP, 'send_failed', 'probing? 0 1000, ping'],
    ['keeps the deadline of a ping that may be lost', UP_ASKED, 'send_failed', 'probing? 0 0'],
    ['counts no failed send while probing', PROBING, 'send_failed', 'probing? 1 0'],
    ['counts no failed send while down', DOWN, 'send_failed', 'down 3 0'],
    ['pauses when the machine does not know us', UP_ASKED, 'unknown_id', 'probing 0 1000'],
    ['is pinged after the pause', PAUSED, 'due', 'probing? 0 1000, ping'],
    ['is pinged in the pause when the machine speaks', PAUSED, 'spoke', 'probing? 0 1000, ping'],
    ['is not asked after a stop', UP_ASKED, 'stopped', 'down 0 Infinity'],
  ])('%s', (_, link, event, expected) => {
    expect(stepText(link, event)).toBe(expected);
  });

  test.each([1, 0, -1])('is down after one missing reply with a limit of %d', (limit) => {
    expect(stepText(UP_ASKED, 'due', limit)).toBe('down 1 60000, failed');
  });
});
