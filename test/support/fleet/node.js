const { EventEmitter, once } = require('node:events');
const { createConnection, createServer } = require('node:net');
const { Links, TIMING } = require('./links.js');
const { Topology } = require('./topology.js');
const { answerSync } = require('./donor.js');
const { EXTRA, FAMILIES, FrameSplitter, frameOf, INTERNAL, packetOf, Reader, Writer } = require('./wire.js');

const PING = 0;
const PONG = 1;
const UNKNOWN_ID = 4;
const NODE_DESCRIPTION = 5;

/**
 * One OpenSIPS machine of dialect 2.4 that exists only on the network: it listens, pings, floods, forwards and answers syncs as a daemon
 * of its family does. Each machine has a loopback address of its own, since machines know each other by IP.
 */
class SimulatedMachine extends EventEmitter {
  /**
   * @param options.id machine id
   * @param options.host loopback address of its own
   * @param options.family C1 to E
   * @param options.knows the other rows: `{id, url}`
   * @param options.pingsWhenIdle as 3.4.12 and later
   * @param options.timing other times than those of `links.js`
   * @param options.joins as `db_mode 0`: it learns machines it has no row of
   * @param options.capabilities name → whether it is synced
   * @param options.data name → what a sync sends: `{version, chunks}`
   * @param options.donor how it fails as a donor (`donor.js`)
   */
  constructor({
    clusterId = 1,
    id,
    host,
    port = 0,
    family = 'E',
    knows = [],
    pingsWhenIdle = false,
    timing = {},
    joins = false,
    ...more
  }) {
    super();
    const { capabilities = {}, data = {}, donor = {}, sipAddress = '', priority = 50 } = more;
    Object.assign(this, { clusterId, id, host, port, family, joins, capabilities, data, donor, sipAddress, priority });
    this.wire = FAMILIES[family];
    this.pingsWhenIdle = pingsWhenIdle;
    this.timing = { ...TIMING, ...timing };
    this.rows = knows;
    /** Module packets, `clusterer-extra` packets and floods that this machine took, in order. */
    this.received = [];
    /** Tags that are active here. */
    this.tags = new Map();
    /** Machines that the network keeps apart from this one. */
    this.cut = new Set();
    this.isFrozen = false;
    this.isRunning = false;
  }

  get url() {
    return `bin:${this.host}:${this.port}`;
  }

  /** Starts to listen, and to ping what it knows. */
  async start() {
    this.peers = new Map(this.rows.map(({ id, url, priority }) => [id, { id, url, priority, ip: ipOf(url) }]));
    this.topology = new Topology(this);
    this.links = new Links(
      { ping: (peer, wantsIds) => this.ping(peer, wantsIds), changed: (peer, isUp) => this.linkChanged(peer, isUp) },
      this.pingsWhenIdle,
      this.timing,
    );
    for (const peer of this.peers.keys()) this.links.add(peer);
    this.outgoing = new Map();
    this.accepted = new Set();
    this.server = createServer((socket) => this.accept(socket));
    this.server.listen(this.port, this.host);
    await once(this.server, 'listening');
    this.port = this.server.address().port;
    this.isRunning = true;
    return this;
  }

  /** Dies without a word. */
  async kill() {
    if (!this.isRunning) return;
    this.isRunning = false;
    this.links.stop();
    for (const socket of [...this.accepted, ...this.outgoing.values()]) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  /** As with SIGSTOP: connections stay open, and nothing is read or sent. */
  freeze(isFrozen = true) {
    this.isFrozen = isFrozen;
    for (const socket of this.accepted) isFrozen ? socket.pause() : socket.resume();
  }

  /** The network drops everything between this machine and the others named, without a reset. */
  partition(...ids) {
    for (const id of ids) this.cut.add(id);
  }

  heal() {
    this.cut.clear();
  }

  /** A row; `priority`: who relays, the lower the sooner. */
  know({ id, url, priority }) {
    if (id === this.id || this.peers.has(id)) return;
    this.peers.set(id, { id, url, priority, ip: ipOf(url) });
    this.links.add(id);
  }

  forget(id) {
    this.peers.delete(id);
    this.links.remove(id);
    this.changed();
  }

  /** Resolves as soon as `check()` is true; it is asked again whenever something happens at this machine. */
  until(check) {
    return new Promise((resolve) => {
      const look = () => {
        if (!check()) return false;
        this.off('change', look);
        resolve();
        return true;
      };
      if (!look()) this.on('change', look);
    });
  }

  /** Module packets of a capability that this machine took. */
  packets(capability) {
    return this.received.filter((packet) => packet.capability === capability);
  }

  /** Sends a module packet to one machine, directly or through others. Returns whether it knew a way. */
  send(destination, { capability, version = 1, type, body }) {
    const frame = frameOf({ capability, version, type, body: this.routed(body, destination) });
    return this.forward(destination, frame);
  }

  /** Sends a module packet to every machine it can reach, as a daemon replicates. */
  replicate(packet) {
    for (const id of this.peers.keys()) this.send(id, packet);
  }

  /** Sends a message of `clusterer-extra` by its name in `wire.js`. */
  sendExtra(destination, name, body, version = 1) {
    const type = this.wire.types[name];
    if (type === undefined) throw new Error(`family ${this.family} has no ${name}`);
    return this.forward(
      destination,
      frameOf({ capability: EXTRA, version, type, body: this.routed(body, destination) }),
    );
  }

  /** This machine is active for a tag from now on, and says so to all. */
  activate(tag) {
    this.tags.set(tag, 'active');
    for (const id of this.peers.keys()) this.sendExtra(id, 'tagActive', new Writer().text(tag).bytes);
    this.changed();
  }

  /** Announces a capability anew. */
  setCapability(name, isSynced) {
    this.capabilities = { ...this.capabilities, [name]: isSynced };
    this.topology.announceCapabilities(this.links.up, [name], false);
  }

  /** A message of `clusterer-internal` from this machine. */
  internal(type, body) {
    const head = new Writer().int(this.clusterId, this.id);
    return frameOf({ capability: INTERNAL, type, body: head.raw(body).bytes });
  }

  /** Writes a frame to a neighbour over the connection that this machine opened to it. */
  write(peerId, frame) {
    if (this.cut.has(peerId) || this.isFrozen || !this.isRunning) return;
    const peer = this.peers.get(peerId);
    if (peer === undefined) return;
    const open = this.outgoing.get(peerId) ?? this.connect(peer);
    open.write(frame);
  }

  changed() {
    this.emit('change');
  }

  routed(body, destination) {
    return new Writer().raw(body).int(this.clusterId, this.id, destination).bytes;
  }

  forward(destination, frame) {
    const hop = this.topology.nextHop(destination);
    if (hop === null) return false;
    this.links.sent(hop);
    this.write(hop, frame);
    return true;
  }

  ping(peer, wantsIds) {
    this.write(peer, this.internal(PING, new Writer().int(wantsIds ? 1 : 0).bytes));
  }

  linkChanged(peer, isUp) {
    this.topology.linkChanged(peer, isUp);
    this.changed();
  }

  connect({ id, url }) {
    const [, host, port] = url.split(':');
    const socket = createConnection({ host, port: Number(port), localAddress: this.host, noDelay: true });
    this.outgoing.set(id, socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      if (this.outgoing.get(id) === socket) this.outgoing.delete(id);
      // Only a failed send is an event for a daemon; a connection that was refused is one.
      if (this.isRunning && socket.bytesWritten === 0) this.links.restart(id);
    });
    this.read(socket);
    return socket;
  }

  accept(socket) {
    this.accepted.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.accepted.delete(socket));
    this.read(socket);
  }

  read(socket) {
    const splitter = new FrameSplitter();
    socket.on('data', (chunk) => {
      if (this.isFrozen || this.isCutFrom(socket)) return;
      let frames;
      try {
        frames = splitter.push(chunk);
      } catch {
        socket.destroy();
        return;
      }
      for (const frame of frames) if (this.isRunning) this.takeWhole(packetOf(frame), socket);
    });
  }

  /** Drops a packet whose fields end before they should, as those of another family may. */
  takeWhole(packet, socket) {
    try {
      this.take(packet, socket);
    } catch (error) {
      // Jest gives tests a RangeError of their own, which is not that of Buffer.
      if (error.name !== 'RangeError') throw error;
    }
  }

  take(packet, socket) {
    if (packet.capability === INTERNAL) this.takeInternal(packet, socket);
    else if (packet.clusterId === this.clusterId && this.knowsIp(socket) && this.peers.has(packet.origin))
      this.takeRouted(packet);
    this.changed();
  }

  takeInternal(packet, socket) {
    const body = new Reader(packet.body);
    const [clusterId, origin] = body.ints(2);
    if (clusterId !== this.clusterId || origin === this.id) return;
    if (!this.peers.has(origin)) {
      this.takeStranger(packet, origin, body, socket);
      return;
    }
    if (!this.knowsIp(socket)) return;
    this.links.seen(origin);
    if (packet.type === PING) this.answerPing(origin, body.int() === 1);
    else if (packet.type === PONG) this.takePong(origin, body);
    else if (packet.type === UNKNOWN_ID) this.describe(origin);
    else this.topology.take(packet, origin, body);
  }

  answerPing(origin, wantsIds) {
    const others = wantsIds ? [...this.peers.keys()].filter((id) => id !== origin) : [];
    this.write(origin, this.internal(PONG, new Writer().int(others.length, ...others).bytes));
    this.links.pinged(origin);
  }

  takePong(origin, body) {
    this.topology.known(origin, body.ints(body.int()));
    this.links.ponged(origin);
  }

  /** A ping of a machine without a row is answered on its own connection; its description adds it. */
  takeStranger(packet, origin, body, socket) {
    if (!this.joins) return;
    if (packet.type === PING) socket.write(this.internal(UNKNOWN_ID, Buffer.alloc(0)));
    else if (packet.type === NODE_DESCRIPTION) this.topology.takeDescription(packet, origin, body);
  }

  describe(peer) {
    this.write(peer, this.internal(NODE_DESCRIPTION, this.topology.description().int(1, this.id).bytes));
    this.links.restart(peer);
  }

  knowsIp({ remoteAddress }) {
    for (const { ip } of this.peers.values()) if (ip === remoteAddress) return true;
    return false;
  }

  isCutFrom({ remoteAddress }) {
    for (const id of this.cut) if (this.peers.get(id)?.ip === remoteAddress) return true;
    return false;
  }

  takeRouted(packet) {
    if (packet.destination !== this.id) {
      // A daemon forwards only what one of its own modules has registered.
      const isRegistered = packet.capability === EXTRA || packet.capability in this.capabilities;
      if (isRegistered) this.forward(packet.destination, packet.frame);
      return;
    }
    this.links.seen(packet.origin);
    this.received.push(packet);
    if (packet.capability === EXTRA) this.takeExtra(packet);
  }

  takeExtra({ type, body, origin }) {
    const { types } = this.wire;
    const reader = new Reader(body);
    if (type === types.syncRequest) answerSync(this, origin, reader.text());
    else if (type === types.tagActive) this.tags.set(reader.text(), 'backup');
    else if (type === types.mi) this.runMi(reader.text(), reader);
    else if (type === types.removeNode) this.forget(reader.int());
  }

  runMi(command, reader) {
    const parameters = Array.from({ length: reader.int() }, () => reader.text());
    if (/shtag_set_active$/.test(command)) this.activate(parameters[0].split('/')[0]);
  }
}

function ipOf(url) {
  return url.split(':')[1];
}

module.exports = { SimulatedMachine };
