import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Log } from '../../ground/ports.js';
import { Refused } from '../../limits/rejection-counts.js';
import type { Credentials } from '../../security/certificates.js';
import { type Address, canonicalIp, formatAddress, withoutZone } from '../../wire/address.js';
import type { ReceivedPacket } from '../../wire/packet.js';
import { SOCKET_OPTIONS } from '../socket-options.js';
import { Admission, type AdmissionOptions } from './admission.js';
import { type BinFault, FaultCounts } from './fault-counts.js';
import { Handshakes } from './handshakes.js';
import { type IncomingOptions, receivePackets } from './receive.js';

export interface ListenerOptions extends AdmissionOptions, Omit<IncomingOptions, 'protocol'> {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** Whether it is BIN over TLS (`bins`), and then what it shows and asks for; null: BIN in the clear. */
  readonly tls: Credentials | null;
}

/** A BIN socket that other machines send to (docs/protocol.md). What one connection does wrong touches no other. */
export class BinListener {
  private readonly faults: FaultCounts;
  private readonly handshakes: Handshakes | null;
  private readonly incoming: IncomingOptions;
  /** Each accepted TCP socket, with what must be destroyed to end it: the TLS socket on top of it, where there is one. */
  private readonly sockets = new Map<Socket, Socket>();
  private readonly server: Server;

  /**
   * `onPacket` gets every whole packet, in order per connection; its frame lasts only until that returns. Listeners that are given one `admission` have their limits together.
   * Throws a RangeError when `allow` is faulty.
   */
  constructor(
    private readonly options: ListenerOptions,
    private readonly onPacket: (packet: ReceivedPacket) => void,
    private readonly log: Log,
    refused = new Refused(),
    private readonly admission = new Admission(options),
  ) {
    this.faults = new FaultCounts(log, refused);
    const { tls } = options;
    this.incoming = { ...options, protocol: tls === null ? 'bin' : 'bins' };
    this.handshakes = tls && new Handshakes(tls, options.frameTimeoutMs);
    this.server = createServer(SOCKET_OPTIONS, (socket) => this.accept(socket));
  }

  /** Faults since the start, by reason. */
  get counts(): Readonly<Record<BinFault, number>> {
    return this.faults.counts;
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.admission.connections;
  }

  /** Resolves with the address it listens at. Rejects with an Error that names the variables when it cannot. */
  listen(): Promise<Address> {
    const { host, port } = this.options;
    const server = this.server;
    return new Promise((resolve, reject) => {
      const onError = (cause: Error): void => {
        const where = formatAddress(host, port);
        const variable = this.handshakes === null ? 'CLUSTERER_BIN_PORT' : 'CLUSTERER_BINS_PORT';
        const detail = `The BIN listener cannot use ${where} (CLUSTERER_BIN_HOST, ${variable}): ${cause.message}`;
        reject(new Error(detail, { cause }));
      };
      server.once('error', onError);
      server.listen({ host, port }, () => {
        server.off('error', onError);
        // One connection could not be accepted; the next may.
        server.on('error', (err) => this.log.error({ err }, 'BIN listener: accepting a connection failed'));
        // A TCP server that listens has such an address.
        const bound = server.address() as AddressInfo;
        resolve({ ip: canonicalIp(bound.address) ?? bound.address, port: bound.port });
      });
    });
  }

  /** Stops accepting and destroys every connection. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      for (const socket of this.sockets.values()) socket.destroy();
    });
  }

  /** A renewed certificate, for connections from now on. */
  renew(tls: Credentials): void {
    this.handshakes?.renew(tls);
  }

  /** Who may not come in costs no handshake. */
  private accept(socket: Socket): void {
    // A refused or reset socket may still report an error.
    socket.on('error', () => {});
    const source = sourceOf(socket);
    // The peer has reset the connection before it was accepted.
    if (source === null) return void socket.destroy();

    const { ip } = source;
    const denial = this.admission.enter(ip);
    if (denial !== null) {
      this.faults.add(denial, textOf(source));
      socket.destroy();
      return;
    }
    this.sockets.set(socket, socket);
    socket.once('close', () => {
      this.sockets.delete(socket);
      this.admission.leave(ip);
    });
    if (this.handshakes === null) this.receive(socket, source);
    else this.shakeHands(this.handshakes, socket, source);
  }

  private shakeHands(handshakes: Handshakes, socket: Socket, source: Address): void {
    handshakes.begin(socket, {
      secured: (secure) => {
        this.sockets.set(socket, secure);
        this.receive(secure, source);
      },
      failed: (fault, reason) => this.faults.add(fault, textOf(source), reason),
    });
  }

  private receive(socket: Socket, source: Address): void {
    receivePackets(socket, source, this.incoming, this.onPacket, (fault) => this.faults.add(fault, textOf(source)));
  }
}

/** Where a connection comes from; null once it is reset. */
function sourceOf({ remoteAddress = '', remotePort }: Socket): Address | null {
  // Rows of the table have no zone.
  const ip = canonicalIp(withoutZone(remoteAddress));
  return ip === null || remotePort === undefined ? null : { ip, port: remotePort };
}

function textOf({ ip, port }: Address): string {
  return formatAddress(ip, port);
}
