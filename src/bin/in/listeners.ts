import type { Log } from '../../ground/ports.js';
import type { RejectionCounts } from '../../limits/rejection-counts.js';
import type { Credentials } from '../../security/certificates.js';
import type { Address } from '../../wire/address.js';
import type { ReceivedPacket } from '../../wire/packet.js';
import { Admission } from './admission.js';
import { BinListener, type ListenerOptions } from './listener.js';

export interface ListenersOptions extends Omit<ListenerOptions, 'port' | 'tls'> {
  readonly binPort: number;
  /** Null: no BIN over TLS. */
  readonly binsPort: number | null;
}

/** Where BIN listens: in the clear, and over TLS where it does. */
export interface BinAddresses {
  readonly bin: Address;
  readonly bins: Address | null;
}

/** The BIN listeners. Who may connect, and how many, is decided for both together. */
export class BinListeners {
  private readonly clear: BinListener;
  private readonly secure: BinListener | null;

  /** As `BinListener`. */
  constructor(
    { binPort, binsPort, ...options }: ListenersOptions,
    credentials: Credentials,
    onPacket: (packet: ReceivedPacket) => void,
    log: Log,
    rejectionCounts: RejectionCounts,
  ) {
    const admission = new Admission(options);
    this.clear = new BinListener({ ...options, port: binPort, tls: null }, onPacket, log, rejectionCounts, admission);
    this.secure =
      binsPort === null
        ? null
        : new BinListener({ ...options, port: binsPort, tls: credentials }, onPacket, log, rejectionCounts, admission);
  }

  async listen(): Promise<BinAddresses> {
    return { bin: await this.clear.listen(), bins: (await this.secure?.listen()) ?? null };
  }

  renew(credentials: Credentials): void {
    this.secure?.renew(credentials);
  }

  async close(): Promise<void> {
    await Promise.all([this.clear.close(), this.secure?.close()]);
  }
}
