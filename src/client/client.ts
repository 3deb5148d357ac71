import type { MachineView, NodeFilter, StateName, UpMachine } from '../schemas/machine.js';
import type { SendResult } from '../schemas/packet.js';
import type { RegisterAnswer } from '../schemas/registration.js';
import type { SocketAnswers } from '../schemas/socket.js';
import { toBase64 } from './base64.js';
import { ClientError, type ClientErrorCode } from './error.js';
import type { ModuleHandlers, WatchHandlers } from './events.js';
import type { Link } from './link.js';
import type { Welcome } from './messages.js';
import { ModuleRegistration } from './streams/registration.js';
import { ChangeWatch } from './streams/watch.js';

/** What a module registers for. */
export interface ModuleParams {
  readonly module: string;
  /** Seconds of silence after which a machine is disabled for this registration; 0: watch nothing. */
  readonly timeout: number;
  /** Whether packets whose source is not the machine's address are dropped. */
  readonly authCheck: boolean;
  /** Seconds between empty packets to the cluster, which keep its machines from ignoring a module that rarely sends; none unless named. */
  readonly keepalive?: number;
  /** 0: any cluster, without `authCheck` only. */
  readonly clusterId: number;
  /** `bin` unless named. */
  readonly protocol?: string;
}

export interface PacketParams {
  readonly clusterId: number;
  readonly module: string;
  readonly packetType: number;
  /** What follows the machine id in the packet, as from `PayloadWriter`. */
  readonly payload?: Uint8Array;
  /** 1 unless named. */
  readonly version?: number;
  /** `bin` unless named. */
  readonly protocol?: string;
}

/** A registration in force; it outlives lost connections. */
export interface Registration {
  /** Stands for it in public, as in `GET /modules`; another one after a gap. */
  readonly number: number;
  /** Its machines, as they were when it was made or last resumed. */
  readonly machines: RegisterAnswer['machines'];
  /** Ends it: none of its handlers is called any more. */
  unregister(): Promise<void>;
}

/** A watch in force; it outlives lost connections. */
export interface Watch {
  /** Ends it: none of its handlers is called any more. */
  stop(): Promise<void>;
}

/** What ends with the connection anyway. */
const ENDED_ALREADY: readonly ClientErrorCode[] = [
  'not_connected',
  'connection_lost',
  'closed',
  'unknown_registration',
];

/**
 * A module's or an operator's end of the service. Calls reject with a `ClientError`: at once while there is no
 * connection, and when it is lost before the answer came; nothing is asked twice but registrations and watches.
 */
export class Client {
  constructor(private readonly link: Link) {}

  /** What the service said of itself; null while there is no connection. */
  get welcome(): Welcome | null {
    return this.link.welcome;
  }

  /** Resolves when `close` is done; rejects with a `ClientError` when the service has turned this client away for good. */
  get closed(): Promise<void> {
    return this.link.closed;
  }

  /** Registers for the packets of a module. Handlers are called once this has resolved. */
  async registerModule(params: ModuleParams, handlers: ModuleHandlers): Promise<Registration> {
    const { module, timeout, authCheck, clusterId, keepalive, protocol = 'bin' } = params;
    const asked = {
      module,
      protocol,
      timeout,
      auth_check: authCheck,
      cluster_id: clusterId,
      ...(keepalive !== undefined && { keepalive_seconds: keepalive }),
    };
    const stream = await this.link.add(new ModuleRegistration(asked, handlers, this.link));
    return {
      get number() {
        return stream.number;
      },
      get machines() {
        return stream.machines;
      },
      unregister: async () => {
        this.link.remove(stream);
        await this.unlessEnded(this.link.request('unregister_module', { registration: stream.id }));
      },
    };
  }

  /** Sends one packet to every machine of the cluster that is up; one result for each that was tried. */
  async sendTo(params: PacketParams): Promise<readonly SendResult[]> {
    const { clusterId, module, packetType, payload, version, protocol } = params;
    const { results } = await this.link.request('send_to', {
      cluster_id: clusterId,
      module,
      packet_type: packetType,
      ...(payload !== undefined && { payload: toBase64(payload) }),
      ...(version !== undefined && { version }),
      ...(protocol !== undefined && { protocol }),
    });
    return results;
  }

  /** The machines of a cluster that are up. */
  async getNodes(params: { readonly clusterId: number; readonly protocol?: string }): Promise<readonly UpMachine[]> {
    const { nodes } = await this.link.request('get_nodes', { cluster_id: params.clusterId, ...protocolOf(params) });
    return nodes;
  }

  /** All machines, or those that the filter lets through, as `GET /nodes`; a page of them. */
  listNodes(filter: Partial<NodeFilter> = {}): Promise<SocketAnswers['list_nodes']> {
    return this.link.request('list_nodes', filter);
  }

  /** Sets a machine's state; `temp_disabled` (2) counts one failed attempt. Answers the machine. */
  setState(params: {
    readonly clusterId: number;
    readonly machineId: number;
    readonly state: StateName;
    readonly protocol?: string;
  }): Promise<MachineView> {
    const { clusterId, machineId, state } = params;
    const machine = { cluster_id: clusterId, machine_id: machineId };
    return this.link.request('set_state', { ...machine, state, ...protocolOf(params) });
  }

  /** Whether some machine of the cluster has this id and this IP. */
  async check(params: {
    readonly clusterId: number;
    /** `IP[:port]`; the port is not compared. */
    readonly address: string;
    readonly serverId: number;
    readonly protocol?: string;
  }): Promise<boolean> {
    const { clusterId, address, serverId } = params;
    const sender = { cluster_id: clusterId, address, server_id: serverId };
    const { known } = await this.link.request('check', { ...sender, ...protocolOf(params) });
    return known;
  }

  /** Streams what changes in one cluster, or in all: a snapshot, and what happens behind it. */
  async watch(params: { readonly clusterId?: number }, handlers: WatchHandlers): Promise<Watch> {
    const { clusterId } = params;
    const stream = await this.link.add(new ChangeWatch(clusterId, handlers, this.link));
    return {
      stop: async () => {
        this.link.remove(stream);
        if (this.link.watches(clusterId)) return;
        const cluster = clusterId === undefined ? {} : { cluster_id: clusterId };
        await this.unlessEnded(this.link.request('unwatch', cluster));
      },
    };
  }

  /**
   * Ends everything: waits for the handlers that run, calls no other, and says goodbye, which ends the registrations.
   * Not to be awaited by a handler, for which it would wait.
   */
  close(): Promise<void> {
    return this.link.close();
  }

  private async unlessEnded(request: Promise<unknown>): Promise<void> {
    try {
      await request;
    } catch (error) {
      if (!(error instanceof ClientError && ENDED_ALREADY.includes(error.code))) throw error;
    }
  }
}

function protocolOf({ protocol }: { readonly protocol?: string }): { readonly protocol?: string } {
  return protocol === undefined ? {} : { protocol };
}
