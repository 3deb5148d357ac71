import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { PayloadWriter } from 'clusterer/client';

/** How often a machine says something, in milliseconds. */
const SAYS_EVERY_MS = 800;

/** One BIN packet, as OpenSIPS 2.2 writes it: docs/protocol.md shows it byte by byte. */
function packetOf(module, packetType, machineId, payload) {
  const int = (number) => Buffer.from(Int32Array.of(number).buffer);
  const body = [int(1), int(module.length), Buffer.from(module), int(packetType), int(machineId), payload];
  const length = 8 + Buffer.concat(body).length;
  return Buffer.concat([Buffer.from('P4CK'), int(length), ...body]);
}

/**
 * A machine of the cluster, as far as BIN goes. It listens at its own address for what the cluster is sent, and opens a connection
 * from there to say something itself. Nothing is ever answered on either.
 */
export class Machine {
  url = '';
  peers = new Set();

  /**
   * @param host a loopback address; packets come from it, since that is how the service knows who sends
   * @param to where the service listens for BIN, as of `net.connect`
   */
  constructor({ clusterId, id, name, host, to }) {
    Object.assign(this, { clusterId, id, name, host, to });
  }

  /** Accepts connections, the second time at the same port as the first. */
  async listen() {
    const { port } = this.url === '' ? { port: 0 } : new URL(this.url.replace('bin:', 'bin://'));
    this.server = createServer((peer) => this.accept(peer)).listen(Number(port), this.host);
    await once(this.server, 'listening');
    this.url = `bin:${this.host}:${this.server.address().port}`;
  }

  /** From now on nobody can connect, and who has is thrown out. */
  async refuse() {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const peer of this.peers) peer.destroy();
    await closed;
  }

  /** Says something, again and again, as the module `ul`. */
  speak() {
    this.sayIt();
    this.speaking = setInterval(() => this.sayIt(), SAYS_EVERY_MS);
  }

  fallSilent() {
    clearInterval(this.speaking);
  }

  sayIt() {
    if (this.connection === undefined || this.connection.destroyed) {
      this.connection = connect({ ...this.to, localAddress: this.host });
      // As OpenSIPS does: what was lost is lost, and the next packet opens another connection.
      this.connection.on('error', () => this.connection.destroy());
    }
    const payload = new PayloadWriter().writeString(`${this.name} is here`).payload();
    this.connection.write(packetOf('ul', 1, this.id, payload));
  }

  accept(peer) {
    this.peers.add(peer);
    peer.on('close', () => this.peers.delete(peer));
    peer.on('error', () => peer.destroy());
    peer.resume();
  }
}
