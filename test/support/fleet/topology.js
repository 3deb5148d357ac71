const { frameOf, INTERNAL, Writer } = require('./wire.js');

const LINK_UPDATE = 2;
const FULL_TOPOLOGY = 3;
const NODE_DESCRIPTION = 5;
const LONGEST_PATH = 25;
const UP = 0;
const DOWN = 1;

/** Who is connected to whom and who has which capability, as one simulated machine has learned it from floods. */
class Topology {
  constructor(machine) {
    this.machine = machine;
    /** Machine → its neighbours. */
    this.neighbours = new Map();
    /** Machine → capability → whether it is synced. */
    this.capabilities = new Map();
    /** `kind/machine` → the last sequence that was accepted. */
    this.accepted = new Map();
    /** Our own next sequence numbers, by kind. */
    this.own = { link: 0, full: 0, capabilities: 0 };
    this.linkSequence = { seq: -1, timestamp: 0 };
    this.knownBy = new Map();
  }

  /** The machine to give a packet for `destination`; null for no way. Lower priority value first, then lower id. */
  nextHop(destination) {
    const { links, peers, id } = this.machine;
    if (links.isUp(destination)) return destination;
    const rank = (a, b) => (peers.get(a)?.priority ?? 50) - (peers.get(b)?.priority ?? 50) || a - b;
    const seen = new Set([id]);
    let level = links.up.sort(rank).map((hop) => ({ at: hop, hop }));
    while (level.length > 0) {
      const next = [];
      for (const { at, hop } of level) {
        if (seen.has(at)) continue;
        seen.add(at);
        if (at === destination) return hop;
        for (const neighbour of [...(this.neighbours.get(at) ?? [])].sort(rank)) next.push({ at: neighbour, hop });
      }
      level = next;
    }
    return null;
  }

  /** What a peer said it knows, so that the topology describes to it the machines it does not. */
  known(peer, ids) {
    this.knownBy.set(peer, new Set(ids));
  }

  linkChanged(peer, isUp) {
    const others = this.machine.links.up.filter((id) => id !== peer);
    this.linkSequence = this.next('link');
    const update = this.sequenced(this.linkSequence).int(peer, isUp ? UP : DOWN);
    this.flood(LINK_UPDATE, update, others);
    if (!isUp) return;
    this.tellTopology(peer);
    if (Object.keys(this.machine.capabilities).length > 0) this.tellCapabilities(peer, true);
  }

  /** Announces these of our capabilities. */
  announceCapabilities(peers, names, wantsReply) {
    const { wire, capabilities } = this.machine;
    const body = wire.hasSequence ? this.sequenced(this.next('capabilities')) : new Writer();
    body.int(1, this.machine.id, names.length);
    for (const name of names) body.text(name).int(capabilities[name] ? 1 : 0);
    this.flood(wire.types.capabilities, body.int(wantsReply ? 1 : 0), peers);
  }

  description() {
    const { url, sipAddress, priority } = this.machine;
    return new Writer().text(url).text(sipAddress).int(priority, 3);
  }

  take(packet, origin, body) {
    if (packet.type === LINK_UPDATE) this.takeLinkUpdate(packet, origin, body);
    else if (packet.type === FULL_TOPOLOGY) this.takeFullTopology(packet, origin, body);
    else if (packet.type === NODE_DESCRIPTION) return;
    else if (packet.type === this.machine.wire.types.capabilities) this.takeCapabilities(packet, origin, body);
  }

  takeDescription(packet, origin, body) {
    const url = body.text();
    body.text();
    body.ints(2);
    this.machine.know({ id: origin, url });
    this.relay(packet, body);
  }

  takeLinkUpdate(packet, origin, body) {
    const sequence = this.readSequence(body);
    const [neighbour, state] = body.ints(2);
    if (!this.accept('link', origin, sequence)) return;
    this.setNeighbour(origin, neighbour, state === UP);
    this.machine.received.push({ kind: 'link_update', origin, neighbour, isUp: state === UP });
    if (neighbour === this.machine.id && (state === UP) !== this.machine.links.isUp(origin))
      this.machine.links.restart(origin);
    this.relay(packet, body);
  }

  takeFullTopology(packet, origin, body) {
    const sequence = this.readSequence(body);
    if (!this.accept('full', origin, sequence)) return;
    const count = body.int();
    for (let i = 0; i < count; i++) {
      const id = body.int();
      const description = body.int() === 1 ? { url: body.text(), sip: body.text(), numbers: body.ints(2) } : null;
      const linkSequence = this.readSequence(body);
      const neighbours = body.ints(body.int());
      const isNews = i === 0 || this.accept('link', id, linkSequence);
      if (id !== this.machine.id && !this.machine.peers.has(id)) {
        if (description === null || !this.machine.joins) continue;
        this.machine.know({ id, url: description.url });
      }
      if (isNews) this.neighbours.set(id, new Set(neighbours));
    }
    this.relay(packet, body);
  }

  takeCapabilities(packet, origin, body) {
    const sequence = this.machine.wire.hasSequence ? this.readSequence(body) : null;
    if (sequence !== null && !this.accept('capabilities', origin, sequence)) return;
    const count = body.int();
    for (let i = 0; i < count; i++) {
      const id = body.int();
      const has = this.capabilities.get(id) ?? new Map();
      const size = body.int();
      for (let k = 0; k < size; k++) {
        const name = body.text();
        has.set(name, body.int() === 1);
      }
      if (id !== this.machine.id) this.capabilities.set(id, has);
    }
    const replyAt = body.at;
    if (body.int() === 1) this.tellCapabilities(origin, false);
    this.relay(packet, body, replyAt);
  }

  tellTopology(peer) {
    const { peers, links, id } = this.machine;
    const others = [...peers.keys()].filter((other) => other !== peer);
    const body = this.sequenced(this.next('full')).int(others.length + 1);
    const { seq, timestamp } = this.linkSequence;
    body.int(id, 0, seq, timestamp, links.up.length, ...links.up);
    for (const other of others) {
      const { url } = peers.get(other);
      const isKnown = this.knownBy.get(peer)?.has(other);
      if (isKnown) body.int(other, 0);
      else body.int(other, 1).text(url).text('').int(50, 3);
      const last = this.accepted.get(`link/${other}`) ?? { seq: -1, timestamp: 0 };
      const neighbours = [...(this.neighbours.get(other) ?? [])];
      body.int(last.seq, last.timestamp, neighbours.length, ...neighbours);
    }
    this.flood(FULL_TOPOLOGY, body, [peer]);
  }

  tellCapabilities(peer, wantsReply) {
    this.announceCapabilities([peer], Object.keys(this.machine.capabilities), wantsReply);
  }

  setNeighbour(of, neighbour, isUp) {
    const set = this.neighbours.get(of) ?? new Set();
    if (isUp) set.add(neighbour);
    else set.delete(neighbour);
    this.neighbours.set(of, set);
  }

  next(kind) {
    return { seq: this.own[kind]++, timestamp: Math.floor(Date.now() / 1000) };
  }

  sequenced({ seq, timestamp }) {
    return new Writer().int(seq, timestamp);
  }

  readSequence(body) {
    const [seq, timestamp] = body.ints(2);
    return { seq, timestamp };
  }

  accept(kind, origin, { seq, timestamp }) {
    const key = `${kind}/${origin}`;
    const last = this.accepted.get(key) ?? { seq: -1, timestamp: 0 };
    const isOld = seq === 0 ? last.seq === 0 && timestamp <= last.timestamp : seq <= last.seq;
    if (!isOld) this.accepted.set(key, { seq, timestamp });
    return !isOld;
  }

  /** Sends a message of ours. */
  flood(type, body, to) {
    const frame = this.machine.internal(type, body.int(1, this.machine.id).bytes);
    for (const peer of to) this.machine.write(peer, frame);
  }

  /** Passes a flood on, with our id at the end of its path. `body` stands before the path. */
  relay(packet, body, replyAt = null) {
    const path = body.ints(body.int());
    this.machine.received.push({ kind: 'flood', type: packet.type, path });
    if (path.length > LONGEST_PATH) return;
    const before = Buffer.from(packet.body.subarray(0, packet.body.length - 4 * path.length - 4));
    if (replyAt !== null) before.writeInt32LE(0, replyAt);
    const longer = new Writer().raw(before).int(path.length + 1, ...path, this.machine.id).bytes;
    const frame = frameOf({ capability: INTERNAL, version: packet.version, type: packet.type, body: longer });
    for (const peer of this.machine.links.up) if (!path.includes(peer)) this.machine.write(peer, frame);
  }
}

module.exports = { Topology };
