import type { Log } from '../../ground/ports.js';
import type { RejectionCounts } from '../../limits/rejection-counts.js';
import type { Credentials } from '../../security/certificates.js';
import type { Address } from '../../wire/address.js';
import type { Connections } from '../link/connections.js';
import { Admission } from './admission.js';
import { BinListener, type ListenerOptions } from './listener.js';
import type { IncomingEvents } from './receive.js';

export interface ListenersOptions extends Omit<ListenerOptions, 'port' | 'tls'> {
  readonly binPort: number;
  /** Null: without BIN over TLS. */
  readonly binsPort: number | null;
}

/** The addresses of the listeners; `bins` is null without BIN over TLS. */
export interface BinAddresses {
  readonly bin: Address;
  readonly bins: Address | null;
}

/** The BIN listeners, plain and over TLS. They share one admission, and so their limits. */
export class BinListeners {
  private readonly bin: BinListener;
  private readonly bins: BinListener | null;

  /** @throws RangeError as `BinListener` does */
  constructor(
    { binPort, binsPort, ...options }: ListenersOptions,
    credentials: Credentials,
    onRun: IncomingEvents['run'],
    log: Log,
    connections: Connections,
    rejectionCounts: RejectionCounts,
  ) {
    const admission = new Admission(options);
    this.bin = new BinListener(
      { ...options, port: binPort, tls: null },
      onRun,
      log,
      connections,
      rejectionCounts,
      admission,
    );
    this.bins =
      binsPort === null
        ? null
        : new BinListener(
            { ...options, port: binsPort, tls: credentials },
            onRun,
            log,
            connections,
            rejectionCounts,
            admission,
          );
  }

  async listen(): Promise<BinAddresses> {
    return { bin: await this.bin.listen(), bins: (await this.bins?.listen()) ?? null };
  }

  renew(credentials: Credentials): void {
    this.bins?.renew(credentials);
  }

  async close(): Promise<void> {
    await Promise.all([this.bin.close(), this.bins?.close()]);
  }
}
