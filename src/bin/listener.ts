import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Refused } from '../refused.js';
import type { Log } from '../service/ports.js';
import { type Address, canonicalIp, formatAddress } from '../wire/address.js';
import type { ReceivedPacket } from '../wire/packet.js';
import { Admission, type AdmissionOptions } from './admission.js';
import { type BinFault, FaultCounts } from './fault-counts.js';
import { type IncomingOptions, receivePackets } from './incoming.js';

export interface ListenerOptions extends AdmissionOptions, Omit<IncomingOptions, 'protocol'> {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
}

/** Finds peers that vanished without a word, whose connections would else count against the limits for ever. */
const KEEP_ALIVE_MS = 60_000;

/** The BIN socket that other machines send to (contract, section 7). What one connection does wrong touches no other. */
export class BinListener {
  private readonly faults: FaultCounts;
  private readonly admission: Admission;
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;

  /** `onPacket` gets every whole packet, in order per connection. Throws a RangeError when `allow` is faulty. */
  constructor(
    private readonly options: ListenerOptions,
    private readonly onPacket: (packet: ReceivedPacket) => void,
    private readonly log: Log,
    refused = new Refused(),
  ) {
    this.faults = new FaultCounts(log, refused);
    this.admission = new Admission(options);
    this.server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS }, (socket) =>
      this.accept(socket),
    );
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
        const detail = `The BIN listener cannot use ${where} (CLUSTERER_BIN_HOST, CLUSTERER_BIN_PORT): ${cause.message}`;
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
      for (const socket of this.sockets) socket.destroy();
    });
  }

  private accept(socket: Socket): void {
    // A refused or reset socket may still report an error.
    socket.on('error', () => {});
    // Link-local addresses come with a zone (fe80::1%eth0), which no row of the table has.
    const [unzoned = ''] = (socket.remoteAddress ?? '').split('%');
    const ip = canonicalIp(unzoned);
    const port = socket.remotePort;
    // The peer has reset the connection before it was accepted.
    if (ip === null || port === undefined) return void socket.destroy();

    const text = formatAddress(ip, port);
    const refusal = this.admission.enter(ip);
    if (refusal !== null) {
      this.faults.add(refusal, text);
      socket.destroy();
      return;
    }
    this.sockets.add(socket);
    socket.once('close', () => {
      this.sockets.delete(socket);
      this.admission.leave(ip);
    });
    const options = { ...this.options, protocol: 'bin' };
    receivePackets(socket, { ip, port }, options, this.onPacket, (fault) => this.faults.add(fault, text));
  }
}
