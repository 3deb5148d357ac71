/**
 * The links of one simulated machine, by the rules of the daemons: each side pings for itself, and a link is up while its own pings are
 * answered. Times are a tenth of the daemons', so that a test sees a machine die within a second. `lostAfterMs`: how long a link that is up
 * waits for a reply.
 */
const TIMING = { tickMs: 50, pingIntervalMs: 400, pingTimeoutMs: 100, lostAfterMs: 100, nodeTimeoutMs: 1000 };

class Links {
  /**
   * @param events.ping sends a ping (wantsIds) to a peer
   * @param events.changed a link went up or down
   * @param pingsWhenIdle as 3.4.12 and later: no ping while something else was sent
   */
  constructor({ ping, changed }, pingsWhenIdle = false, timing = TIMING) {
    Object.assign(this, { ping, changed, pingsWhenIdle, timing });
    this.links = new Map();
    this.nowMs = 0;
    this.tickedAt = performance.now();
    this.timer = setInterval(() => this.tick(), timing.tickMs);
  }

  /** Milliseconds in which this process ran: while it stalls, no other machine of the fleet could reply either. */
  get time() {
    return this.nowMs + Math.min(performance.now() - this.tickedAt, this.timing.tickMs);
  }

  add(peer, retries = 3) {
    if (this.links.has(peer)) return;
    this.links.set(peer, {
      state: 'restart',
      retries,
      left: retries,
      pingedAt: 0,
      answeredAt: 0,
      sentAt: 0,
      seenAt: 0,
    });
  }

  remove(peer) {
    this.links.delete(peer);
  }

  isUp(peer) {
    return this.links.get(peer)?.state === 'up';
  }

  get up() {
    return [...this.links.keys()].filter((peer) => this.isUp(peer));
  }

  stop() {
    clearInterval(this.timer);
  }

  /** Something else than a ping was sent to this peer, or came from it. */
  sent(peer) {
    const link = this.links.get(peer);
    if (link !== undefined) link.sentAt = this.time;
  }

  seen(peer) {
    const link = this.links.get(peer);
    if (link !== undefined) link.seenAt = this.time;
  }

  pinged(peer) {
    const link = this.links.get(peer);
    if (link?.state === 'down') this.probe(peer, link);
  }

  ponged(peer) {
    const link = this.links.get(peer);
    if (link === undefined) return;
    const { lostAfterMs, pingTimeoutMs } = this.timing;
    if (this.time - link.pingedAt > (link.state === 'up' ? lostAfterMs : pingTimeoutMs)) return;
    link.answeredAt = this.time;
    if (link.state === 'up') return;
    link.state = 'up';
    link.left = link.retries;
    this.changed(peer, true);
  }

  /** Sending failed, or the topology contradicts this link. */
  restart(peer) {
    const link = this.links.get(peer);
    if (link === undefined) return;
    const wasUp = link.state === 'up';
    link.state = 'restart';
    if (wasUp) this.changed(peer, false);
  }

  tick() {
    const now = this.time;
    this.nowMs = now;
    this.tickedAt = performance.now();
    const { pingIntervalMs, pingTimeoutMs, lostAfterMs, nodeTimeoutMs } = this.timing;
    for (const [peer, link] of this.links) {
      const waitedMs = now - link.pingedAt;
      const isAnswered = link.answeredAt >= link.pingedAt;
      if (link.state === 'restart') this.probe(peer, link);
      else if (link.state === 'down' && waitedMs >= nodeTimeoutMs) this.probe(peer, link);
      else if (link.state === 'probing' && waitedMs >= pingTimeoutMs) this.again(peer, link);
      else if (link.state === 'up' && !isAnswered && waitedMs >= lostAfterMs) {
        const isForgiven = this.pingsWhenIdle && now - link.seenAt < lostAfterMs;
        if (!isForgiven) this.lost(peer, link);
      } else if (link.state === 'up') {
        const idleSince = this.pingsWhenIdle ? Math.max(link.pingedAt, link.sentAt) : link.pingedAt;
        if (now - idleSince >= pingIntervalMs) this.send(peer, link, false);
      }
    }
  }

  lost(peer, link) {
    link.left = link.retries;
    link.state = 'probing';
    this.changed(peer, false);
    this.again(peer, link);
  }

  again(peer, link) {
    link.left--;
    if (link.left < 0) link.state = 'down';
    else this.send(peer, link, true);
  }

  probe(peer, link) {
    link.state = 'probing';
    link.left = link.retries;
    this.send(peer, link, true);
  }

  send(peer, link, wantsIds) {
    link.pingedAt = this.time;
    this.ping(peer, wantsIds);
  }
}

module.exports = { Links, TIMING };
