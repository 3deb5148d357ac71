import type { MessageResult } from '../schemas/fleet-calls.js';
import type { MachineView, NodeFilter, StateName, UpMachine } from '../schemas/machine.js';
import type { SendResult } from '../schemas/packet.js';
import type { SocketAnswers } from '../schemas/socket.js';
import type { TagView } from '../schemas/tags.js';
import { ClientError, type ClientErrorCode } from './error.js';
import type { ModuleHandlers, WatchHandlers } from './events.js';
import type { Link } from './link.js';
import type { Welcome } from './messages.js';
import type {
  MessageRequest,
  MiRequest,
  ModuleParams,
  PacketParams,
  Registration,
  TagRequest,
  Watch,
} from './params.js';
import { ModuleRegistration } from './streams/registration.js';
import { ChangeWatch } from './streams/watch.js';
import {
  protocolOf,
  registerParams,
  runMiParams,
  sendMessageParams,
  sendToParams,
  setTagParams,
} from './wire-params.js';

/** Errors that mean that a registration or watch has already ended. */
const ALREADY_ENDED: readonly ClientErrorCode[] = [
  'not_connected',
  'connection_lost',
  'closed',
  'unknown_registration',
];

/**
 * A connection to the service, for modules and operators. Calls reject with a `ClientError`: at once while there is no connection, and
 * when it is lost before the answer. Only registrations and watches are repeated after a reconnect.
 */
export class Client {
  constructor(private readonly link: Link) {}

  /** The welcome of the service; null while there is no connection. */
  get welcome(): Welcome | null {
    return this.link.welcome;
  }

  /** Resolves when `close` is done; rejects with a `ClientError` when the service rejects this client for good. */
  get closed(): Promise<void> {
    return this.link.closed;
  }

  /** Registers for the packets of a module. Handlers are called after this has resolved. */
  async registerModule(params: ModuleParams, handlers: ModuleHandlers): Promise<Registration> {
    const stream = await this.link.add(new ModuleRegistration(registerParams(params), handlers, this.link));
    return {
      get number() {
        return stream.number;
      },
      get machines() {
        return stream.machines;
      },
      resync: async () => {
        await this.link.request('resync', { registration: stream.id });
      },
      unregister: async () => {
        this.link.remove(stream);
        await this.ignoreEnded(this.link.request('unregister_module', { registration: stream.id }));
      },
    };
  }

  /** Sends a packet to every machine of the cluster that is up, or to one. Returns a result for each that was tried. */
  async sendTo(params: PacketParams): Promise<readonly SendResult[]> {
    const { results } = await this.link.request('send_to', sendToParams(params));
    return results;
  }

  /** The machines of a cluster that are up. */
  async getNodes(params: { readonly clusterId: number; readonly protocol?: string }): Promise<readonly UpMachine[]> {
    const { nodes } = await this.link.request('get_nodes', { cluster_id: params.clusterId, ...protocolOf(params) });
    return nodes;
  }

  /** A page of the machines that match the filter, as in `GET /nodes`. */
  listNodes(filter: Partial<NodeFilter> = {}): Promise<SocketAnswers['list_nodes']> {
    return this.link.request('list_nodes', filter);
  }

  /** Which machines of a cluster of OpenSIPS 2.4 to 4.0 reach each other. */
  async topology(params: { readonly clusterId: number }): Promise<SocketAnswers['get_topology']['machines']> {
    return (await this.link.request('get_topology', { cluster_id: params.clusterId })).machines;
  }

  /** The capabilities of the machines of a cluster of OpenSIPS 2.4 to 4.0. */
  async capabilities(params: {
    readonly clusterId: number;
  }): Promise<SocketAnswers['list_capabilities']['capabilities']> {
    return (await this.link.request('list_capabilities', { cluster_id: params.clusterId })).capabilities;
  }

  /** Runs an MI command on the machines of a cluster, or on one. They send no answer: the results say to which it was sent. */
  async runMi(params: MiRequest): Promise<readonly MessageResult[]> {
    return (await this.link.request('run_mi', runMiParams(params))).results;
  }

  /** Sends a message to the scripts of the machines of a cluster, or of one. */
  sendMessage(params: MessageRequest): Promise<SocketAnswers['send_message']> {
    return this.link.request('send_message', sendMessageParams(params));
  }

  /** The sharing tags of a cluster, and who is active for each. */
  async tags(params: { readonly clusterId: number }): Promise<readonly TagView[]> {
    return (await this.link.request('list_tags', { cluster_id: params.clusterId })).tags;
  }

  /** Gives a sharing tag to a machine, and keeps it there. Resolves when the machine has announced that it is active. */
  setTag(params: TagRequest): Promise<TagView> {
    return this.link.request('set_tag', setTagParams(params));
  }

  /** Stops managing a sharing tag. The active machine stays active. */
  async releaseTag(params: { readonly clusterId: number; readonly tag: string }): Promise<void> {
    await this.link.request('release_tag', { cluster_id: params.clusterId, tag: params.tag });
  }

  /** Sets the state of a machine; `temp_disabled` (2) counts one failed attempt. Returns the machine. */
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

  /** Whether the cluster has a machine with this id and IP. */
  async check(params: {
    readonly clusterId: number;
    /** `IP[:port]`; the port is ignored. */
    readonly address: string;
    readonly serverId: number;
    readonly protocol?: string;
  }): Promise<boolean> {
    const { clusterId, address, serverId } = params;
    const sender = { cluster_id: clusterId, address, server_id: serverId };
    const { known } = await this.link.request('check', { ...sender, ...protocolOf(params) });
    return known;
  }

  /** Streams the changes of one cluster, or of all: a snapshot, then every change after it. */
  async watch(params: { readonly clusterId?: number }, handlers: WatchHandlers): Promise<Watch> {
    const { clusterId } = params;
    const stream = await this.link.add(new ChangeWatch(clusterId, handlers, this.link));
    return {
      stop: async () => {
        this.link.remove(stream);
        if (this.link.watches(clusterId)) return;
        const cluster = clusterId === undefined ? {} : { cluster_id: clusterId };
        await this.ignoreEnded(this.link.request('unwatch', cluster));
      },
    };
  }

  /**
   * Waits for the handlers that run, calls no others, and closes the connection, which ends the registrations.
   * A handler must not await it: it would wait for itself.
   */
  close(): Promise<void> {
    return this.link.close();
  }

  private async ignoreEnded(request: Promise<unknown>): Promise<void> {
    try {
      await request;
    } catch (error) {
      if (!(error instanceof ClientError && ALREADY_ENDED.includes(error.code))) throw error;
    }
  }
}
