import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Log } from '../../ground/ports.js';
import { RejectionCounts } from '../../limits/rejection-counts.js';
import type { Credentials } from '../../security/certificates.js';
import { type Address, canonicalIp, formatAddress, withoutZone } from '../../wire/address.js';
import type { Connections } from '../link/connections.js';
import { SOCKET_OPTIONS } from '../socket-options.js';
import { Admission, type AdmissionOptions } from './admission.js';
import { type BinFault, FaultCounts } from './fault-counts.js';
import { Handshakes } from './handshakes.js';
import { type IncomingEvents, type IncomingOptions, receivePackets } from './receive.js';

export interface ListenerOptions extends AdmissionOptions, Omit<IncomingOptions, 'protocol'> {
  readonly host: string;
  /** 0: a free port. */
  readonly port: number;
  /** The certificates for BIN over TLS (`bins`); null: plain BIN. */
  readonly tls: Credentials | null;
}

/** A port on which other machines send BIN packets (docs/protocol.md). A fault on one connection does not affect the others. */
export class BinListener {
  private readonly faults: FaultCounts;
  private readonly handshakes: Handshakes | null;
  private readonly incoming: IncomingOptions;
  /**
   * Each accepted TCP socket, with the socket to destroy: its TLS socket after the handshake. During the handshake Node gives no access
   * to the TLS socket; destroying the TCP socket is safe then (test/integration/bin-handshakes.test.ts).
   */
  private readonly sockets = new Map<Socket, Socket>();
  private readonly server: Server;

  /**
   * @param onRun gets every whole packet, for each connection and module in order. The memory of a run is valid only until `onRun` returns
   * @param admission listeners that share one also share their limits
   * @throws RangeError when `allow` is invalid
   */
  constructor(
    private readonly options: ListenerOptions,
    private readonly onRun: IncomingEvents['run'],
    private readonly log: Log,
    private readonly connectionNumbers: Connections,
    rejectionCounts = new RejectionCounts(),
    private readonly admission = new Admission(options),
  ) {
    this.faults = new FaultCounts(log, rejectionCounts);
    const { tls } = options;
    this.incoming = { ...options, protocol: tls === null ? 'bin' : 'bins' };
    this.handshakes = tls && new Handshakes(tls, options.frameTimeoutMs);
    this.server = createServer(SOCKET_OPTIONS, (socket) => this.accept(socket));
  }

  /** Faults since the start, by reason. */
  get counts(): Readonly<Record<BinFault, number>> {
    return this.faults.counts;
  }

  /** The number of open connections. */
  get connections(): number {
    return this.admission.connections;
  }

  /** Resolves with the address. Rejects with an Error that names the variables when the address cannot be used. */
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
        // One connection could not be accepted. The listener continues.
        server.on('error', (err) => this.log.error({ err }, 'BIN connection not accepted'));
        // A listening TCP server has an address of this type.
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

  /** Changes the certificates for later connections. */
  renew(tls: Credentials): void {
    this.handshakes?.renew(tls);
  }

  /** Admission comes first: a refused peer costs no handshake. */
  private accept(socket: Socket): void {
    // A refused or reset socket may still emit an error.
    socket.on('error', () => {});
    const source = sourceOf(socket);
    // The peer reset the connection before it was accepted.
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
    const connection = this.connectionNumbers.add(socket);
    receivePackets(
      socket,
      {
        source,
        connection,
        url: null,
        isHeld: () => this.connectionNumbers.isHeld,
        wasHeld: (lastMs) => this.connectionNumbers.wasHeld(lastMs),
      },
      this.incoming,
      {
        run: this.onRun,
        fault: (fault, reason) => this.faults.add(fault, textOf(source), reason),
      },
    );
  }
}

/** Returns the peer's address; null once the connection is reset. */
function sourceOf({ remoteAddress = '', remotePort }: Socket): Address | null {
  // Rows of the table have no zones.
  const ip = canonicalIp(withoutZone(remoteAddress));
  return ip === null || remotePort === undefined ? null : { ip, port: remotePort };
}

function textOf({ ip, port }: Address): string {
  return formatAddress(ip, port);
}
