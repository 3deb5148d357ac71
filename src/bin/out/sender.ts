import type { Resolver } from '../../service/ports/resolver.js';
import type { SendError, Sender, SenderEvents, SendTarget } from '../../service/ports/sender.js';
import { canonicalIp } from '../../wire/address.js';
import { type ConnectionOptions, MachineConnection } from './machine-connection.js';

export type SenderOptions = ConnectionOptions;

/** Sends frames to machines, over one kept connection for each, which the first send opens (S2). */
export class BinSender implements Sender {
  private readonly connections = new Map<string, MachineConnection>();
  private closing = false;
  /** Frames whose `done` has not run. */
  private unfinished = 0;
  private onDrained: () => void = () => {};

  /** @throws RangeError when `localAddress` is not an IP address */
  constructor(
    private readonly options: SenderOptions,
    private readonly resolver: Resolver,
    private readonly events: SenderEvents,
  ) {
    if (options.localAddress !== null && canonicalIp(options.localAddress) === null) {
      throw new RangeError('The source address is not an IP address; set CLUSTERER_BIN_HOST to one');
    }
  }

  send(target: SendTarget, frame: Buffer, done: (error: SendError | null) => void, isUrgent = false): void {
    if (this.closing) {
      queueMicrotask(() => done('reset'));
      return;
    }
    this.unfinished++;
    const { ip, attempt } = target;
    const outgoing = { bytes: frame, ip, attempt, done, retried: false, next: null };
    const queued = this.connectionTo(target).send(outgoing, isUrgent);
    if (queued) return;
    queueMicrotask(() => {
      done('queue_full');
      this.finished();
    });
  }

  disconnect(clusterId: number, machineId: number): void {
    const key = machineKey(clusterId, machineId);
    const connection = this.connections.get(key);
    this.connections.delete(key);
    connection?.drop();
  }

  /** Frames that still wait after the write time-out fail with `reset`. */
  async close(): Promise<void> {
    this.closing = true;
    if (this.unfinished > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, this.options.writeTimeoutMs);
        this.onDrained = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    for (const connection of this.connections.values()) connection.drop();
    this.connections.clear();
  }

  private connectionTo(target: SendTarget): MachineConnection {
    const { clusterId, machineId, protocol, host, port } = target;
    const key = machineKey(clusterId, machineId);
    const kept = this.connections.get(key);
    const { target: before } = kept ?? {};
    if (kept && before?.host === host && before.port === port && before.protocol === protocol) return kept;
    // Never send a packet to the machine's previous address.
    kept?.drop();
    const connection = new MachineConnection(
      { clusterId, machineId, protocol, host, port },
      this.options,
      this.resolver,
      this.events,
      () => this.finished(),
    );
    this.connections.set(key, connection);
    return connection;
  }

  private finished(): void {
    this.unfinished--;
    if (this.unfinished === 0) this.onDrained();
  }
}

function machineKey(clusterId: number, machineId: number): string {
  return `${clusterId}/${machineId}`;
}
