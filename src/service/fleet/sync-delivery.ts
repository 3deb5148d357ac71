import type { Effect } from '../../domain/effects.js';
import type { Machine } from '../../domain/machine.js';
import type { Notification } from '../../domain/reception.js';
import type { ClusterTable } from '../../domain/table.js';
import type { Now } from '../../ground/now.js';
import type { Address } from '../../wire/address.js';
import { v24 } from '../../wire/dialects/v24.js';
import type { ReceivedRun } from '../../wire/frame-run.js';
import { liveOf } from '../../wire/modules/sync.js';

type SyncEffect = Extract<Effect, { type: 'sync_started' | 'sync_packet' | 'sync_ended' | 'sync_released' }>;

/** What a registration has received in a sync. */
export interface Delivered {
  packets: number;
  unreadable: number;
}

/** The largest version of a packet. */
const LARGEST_VERSION = 65_535;

/** Only family C1 does not say the version of its data: its releases (2.4.0 to 2.4.6, 3.0.0) write version 1 of every capability. */
const UNSAID_VERSION = 1;

/** Delivers syncs to registrations: a start, each chunk as the live packet with the same content (Y10), and an end. */
export class SyncDelivery {
  /** By registration, from the first packet of a sync to its end. */
  private readonly delivered = new Map<number, Delivered>();
  /** The source of the last packet. It is kept because a log joins only packets with the same source object. */
  private source: Address = { ip: '', port: 0 };

  /** `append` adds a notification to the log of a registration. */
  constructor(
    private readonly table: ClusterTable,
    private readonly serverId: number,
    private readonly append: (registration: number, notification: Notification, nowMs: number) => void,
  ) {}

  perform(effect: SyncEffect, { monotonicMs, unixMs }: Now): void {
    const { type, registrations } = effect;
    switch (type) {
      case 'sync_started':
        for (const number of registrations) this.append(number, { type, machineId: effect.machineId }, monotonicMs);
        break;
      case 'sync_packet': {
        const run = this.runOf(effect);
        for (const number of registrations) {
          this.count(number, run);
          if (run !== null)
            this.append(number, { type: 'packets', run, receivedAt: unixMs, isSync: true }, monotonicMs);
        }
        break;
      }
      case 'sync_ended':
        for (const number of registrations) this.append(number, this.endOf(number, effect), monotonicMs);
        break;
      case 'sync_released':
        for (const { run, receivedAt, registrations: waiting } of effect.runs) {
          for (const number of waiting) this.append(number, { type: 'packets', run, receivedAt }, monotonicMs);
        }
        break;
    }
  }

  /** What registrations have received in syncs that have not ended. */
  get state(): ReadonlyMap<number, Delivered> {
    return this.delivered;
  }

  /** Takes the state of another replica, before the first entry. */
  restore(state: ReadonlyMap<number, Delivered>): void {
    for (const [number, delivered] of state) this.delivered.set(number, delivered);
  }

  /** The registration has ended. */
  forget(registration: number): void {
    this.delivered.delete(registration);
  }

  private count(number: number, run: ReceivedRun | null): void {
    const delivered = this.delivered.get(number) ?? { packets: 0, unreadable: 0 };
    if (run === null) delivered.unreadable++;
    else delivered.packets++;
    this.delivered.set(number, delivered);
  }

  private endOf(number: number, { machineId, reason }: SyncEffect & { type: 'sync_ended' }): Notification {
    const { packets, unreadable } = this.delivered.get(number) ?? { packets: 0, unreadable: 0 };
    this.delivered.delete(number);
    return { type: 'sync_ended', machineId, packets, reason: reason ?? (unreadable > 0 ? 'unreadable' : null) };
  }

  /** The packet as its donor would send it live; null if the chunk cannot be turned into one. */
  private runOf(effect: SyncEffect & { type: 'sync_packet' }): ReceivedRun | null {
    const { clusterId, capability: module, machineId, chunk } = effect;
    const version = effect.dataVersion ?? UNSAID_VERSION;
    const live = liveOf(module, chunk);
    if (live === null || version < 0 || version > LARGEST_VERSION) return null;
    const route = { clusterId, machineId, destination: this.serverId };
    const frame = v24.encode({ module, version, ...live }, route);
    const head = frame === 'too_long' ? frame : v24.decode(frame);
    if (frame === 'too_long' || head === 'too_long' || head === 'too_short') return null;
    const { protocol = 'bin', ...donor } = this.table.cell(clusterId, machineId)?.machine ?? {};
    return {
      dialect: v24,
      head,
      count: 1,
      pieces: [frame],
      protocol,
      source: this.sourceOf(donor),
      connection: 0,
      url: null,
    };
  }

  /** The address of the donor's url, because its chunks may have come through any neighbour. */
  private sourceOf({ ip, host = '', port = 0 }: Partial<Machine>): Address {
    const source = { ip: ip ?? host, port };
    if (source.ip !== this.source.ip || source.port !== this.source.port) this.source = source;
    return this.source;
  }
}
