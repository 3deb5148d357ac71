import type { RegisterAnswer } from '../schemas/registration.js';

/** The parameters of a registration. */
export interface ModuleParams {
  readonly module: string;
  /** Seconds of silence after which a machine is disabled for this registration; 0: never. */
  readonly timeout: number;
  /** Whether to drop packets whose source is not the address of their machine. */
  readonly authCheck: boolean;
  /** Seconds between empty packets to the cluster, so that its machines do not ignore a module that rarely sends. Default: none are sent; in dialect 2.4 never, pings suffice there. */
  readonly keepalive?: number;
  /** Whether to ask a machine for all that it holds, at the start and after a gap. Default false. Only in clusters of dialect 2.4. */
  readonly sync?: boolean;
  /** Whether packets come with `decoded`, their name and fields, as the service decodes them. Default false. Not on `clusterer.v1.bin`. */
  readonly decode?: boolean;
  /** 0: any cluster, only without `authCheck`. */
  readonly clusterId: number;
  /** Default `bin`. */
  readonly protocol?: string;
}

/** A packet as bytes, or by its name and its fields: the service then writes the layout that each machine understands (docs/layouts.md). */
export type PacketParams = SendParams & (PacketBytes | PacketByName);

export interface PacketBytes {
  readonly packetType: number;
  /** What the module itself writes in the packet, as from `PayloadWriter`. */
  readonly payload?: Uint8Array;
}

export interface PacketByName {
  readonly name: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

interface SendParams {
  readonly clusterId: number;
  readonly module: string;
  /** Default 1; in dialect 2.4 the version that each machine understands. */
  readonly version?: number;
  /** Only this machine. Default: all. */
  readonly machineId?: number;
  /** Default `bin`. */
  readonly protocol?: string;
}

export interface TagRequest {
  readonly clusterId: number;
  readonly tag: string;
  /** The machine that is to be active. */
  readonly owner: number;
  /** Who takes the tag when the owner is lost, in this order. Default: nobody. */
  readonly failover?: readonly number[];
  /** How long the link to the owner must be down before that. Default 10. */
  readonly afterSeconds?: number;
}

export interface MiRequest {
  readonly clusterId: number;
  readonly command: string;
  /** By position. */
  readonly params?: readonly string[];
  /** Only this machine. Default: all. */
  readonly machineId?: number;
}

export interface MessageRequest {
  readonly clusterId: number;
  readonly message: string;
  /** By which replies are recognized. Default: a random one. A reply needs that of its request. */
  readonly tag?: string;
  /** Whether it replies to a message of a machine. Default false. */
  readonly reply?: boolean;
  /** Only this machine. Default: all. */
  readonly machineId?: number;
}

/** A registration in force. It survives lost connections. */
export interface Registration {
  /** Its number in `GET /modules`; another one after a gap. */
  readonly number: number;
  /** Its machines when it was made or last resumed. */
  readonly machines: RegisterAnswer['machines'];
  /** Asks a machine again for all that it holds. Resolves when the service has begun to; the handlers get what comes. */
  resync(): Promise<void>;
  /** Ends it. None of its handlers is called after that. */
  unregister(): Promise<void>;
}

/** A watch in force. It survives lost connections. */
export interface Watch {
  /** Ends it. None of its handlers is called after that. */
  stop(): Promise<void>;
}
