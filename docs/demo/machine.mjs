import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { PayloadWriter } from 'clusterer/client';

/** How often a machine sends a packet, in milliseconds. */
const SPEAK_EVERY_MS = 800;

const CONTACT_UPDATE = 4;
const CSEQ = 1;
const NO_FLAGS = 0;
const ALL_METHODS = -1;
const NO_Q = Buffer.from(Int32Array.of(-1).buffer);

/** A BIN packet as OpenSIPS 2.2 writes it; docs/protocol.md shows it byte by byte. */
function packetOf(module, packetType, machineId, payload) {
  const int = (number) => Buffer.from(Int32Array.of(number).buffer);
  const body = [int(1), int(module.length), Buffer.from(module), int(packetType), int(machineId), payload];
  const length = 8 + Buffer.concat(body).length;
  return Buffer.concat([Buffer.from('P4CK'), int(length), ...body]);
}

/** What `ul` writes of a contact; docs/layouts.md lists the fields. The phone of this user registers for an hour. */
function contactOf(user) {
  const time = (seconds) => Buffer.from(BigInt64Array.of(BigInt(Math.floor(seconds))).buffer);
  const now = Date.now() / 1000;
  const payload = new PayloadWriter();
  // The last four are path, attributes, received address and instance: a phone without NAT has none.
  const texts = ['location', user, `sip:${user}@192.0.2.1`, `call-of-${user}`, 'demo', '', '', '', ''];
  for (const text of texts) payload.writeString(text);
  payload
    .writeBytes(time(now + 3600))
    .writeBytes(NO_Q)
    .writeString('udp:192.0.2.9:5060');
  for (const number of [CSEQ, NO_FLAGS, NO_FLAGS, ALL_METHODS]) payload.writeInt(number);
  return payload.writeBytes(time(now)).payload();
}

/**
 * The BIN side of a machine. It listens at its own address for packets to the cluster, and sends its own packets on a connection from
 * that address. Neither connection carries answers.
 */
export class Machine {
  url = '';
  peers = new Set();

  /**
   * @param host a loopback address, also the source of its packets, by which the service recognizes the machine
   * @param to the BIN listener of the service, as options of `net.connect`
   */
  constructor({ clusterId, id, name, host, to }) {
    Object.assign(this, { clusterId, id, name, host, to });
  }

  /** Accepts connections, always at the same port. */
  async listen() {
    const { port } = this.url === '' ? { port: 0 } : new URL(this.url.replace('bin:', 'bin://'));
    this.server = createServer((peer) => this.accept(peer)).listen(Number(port), this.host);
    await once(this.server, 'listening');
    this.url = `bin:${this.host}:${this.server.address().port}`;
  }

  /** Refuses connections and closes those that are open. */
  async refuse() {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const peer of this.peers) peer.destroy();
    await closed;
  }

  /** Refreshes the contact of a phone at an interval, as the module `ul` does. */
  speak() {
    this.sendPacket();
    this.speaking = setInterval(() => this.sendPacket(), SPEAK_EVERY_MS);
  }

  fallSilent() {
    clearInterval(this.speaking);
  }

  sendPacket() {
    if (this.connection === undefined || this.connection.destroyed) {
      this.connection = connect({ ...this.to, localAddress: this.host });
      // As OpenSIPS does: the packet is lost, and the next one opens another connection.
      this.connection.on('error', () => this.connection.destroy());
    }
    this.connection.write(packetOf('ul', CONTACT_UPDATE, this.id, contactOf(this.name)));
  }

  accept(peer) {
    this.peers.add(peer);
    peer.on('close', () => this.peers.delete(peer));
    peer.on('error', () => peer.destroy());
    peer.resume();
  }
}
