import type { EventEmitter } from 'node:events';

/** A packet that a simulated machine took. `body` is without the trailer. */
export interface TakenPacket {
  readonly capability: string;
  readonly version: number;
  readonly type: number;
  readonly body: Buffer;
  readonly frame: Buffer;
  readonly clusterId: number;
  readonly origin: number;
  readonly destination: number;
}

export interface ModulePacket {
  readonly capability: string;
  readonly version?: number;
  readonly type: number;
  readonly body: Uint8Array;
}

export interface Donor {
  readonly silent?: boolean;
  /** After this many packets. */
  readonly dies?: number;
  readonly miscounts?: number;
  readonly chunksAtOnce?: number;
  readonly meanwhile?: (packet: number) => void;
}

export type SimulatedFamily = 'C1' | 'C2' | 'C3' | 'D1' | 'D2' | 'E';

export interface MachineOptions {
  readonly clusterId?: number;
  readonly id: number;
  readonly host: string;
  readonly port?: number;
  readonly family?: SimulatedFamily;
  readonly knows?: readonly { readonly id: number; readonly url: string }[];
  readonly pingsWhenIdle?: boolean;
  readonly timing?: { readonly lostAfterMs: number };
  readonly joins?: boolean;
  readonly capabilities?: Readonly<Record<string, boolean>>;
  readonly data?: Readonly<Record<string, { readonly version: number; readonly chunks: readonly Uint8Array[] }>>;
  readonly donor?: Donor;
  readonly sipAddress?: string;
  readonly priority?: number;
}

export declare class SimulatedMachine extends EventEmitter {
  constructor(options: MachineOptions);
  readonly id: number;
  readonly host: string;
  readonly port: number;
  readonly url: string;
  readonly family: SimulatedFamily;
  donor: Donor;
  rows: readonly { readonly id: number; readonly url: string }[];
  capabilities: Readonly<Record<string, boolean>>;
  readonly tags: ReadonlyMap<string, 'active' | 'backup'>;
  readonly links: { isUp(id: number): boolean; readonly up: number[]; restart(id: number): void };
  readonly topology: {
    readonly neighbours: ReadonlyMap<number, ReadonlySet<number>>;
    readonly capabilities: ReadonlyMap<number, ReadonlyMap<string, boolean>>;
    nextHop(destination: number): number | null;
  };
  readonly received: (TakenPacket | { readonly kind: string; readonly type?: number; readonly path?: number[] })[];
  start(): Promise<this>;
  kill(): Promise<void>;
  freeze(isFrozen?: boolean): void;
  partition(...ids: number[]): void;
  heal(): void;
  know(row: { readonly id: number; readonly url: string; readonly priority?: number }): void;
  forget(id: number): void;
  until(check: () => boolean): Promise<void>;
  packets(capability: string): TakenPacket[];
  send(destination: number, packet: ModulePacket): boolean;
  replicate(packet: ModulePacket): void;
  sendExtra(destination: number, name: string, body: Uint8Array, version?: number): boolean;
  activate(tag: string): void;
  setCapability(name: string, isSynced: boolean): void;
}
