import { randomBytes } from 'node:crypto';
import type { MachineCell } from '../../domain/table.js';
import { ServiceError } from '../../ground/errors.js';
import type { MessageAnswer, MessageBody, MessageResult, MiBody } from '../../schemas/fleet-calls.js';
import { invalidInput } from '../../schemas/validation.js';
import { refusal } from '../../wire/cluster/dangers.js';
import { encodeExtra } from '../../wire/cluster/extra.js';
import { FAMILIES } from '../../wire/cluster/family.js';
import { isFault } from '../../wire/cluster/fault.js';
import type { ExtraMessage, Route } from '../../wire/cluster/messages.js';
import type { Actor } from '../actor.js';
import type { EngineLoop } from '../engine-loop.js';
import type { Reports } from '../events/reports.js';
import { knownCluster, unknownMachine } from '../views/errors.js';
import { payloadTooLong } from './packet-checks.js';
import type { SendCalls } from './send-calls.js';

/** A message without its route: the same for all machines. */
type Content = { [T in 'generic' | 'mi']: Omit<Extract<ExtraMessage, { type: T }>, keyof Route> }['generic' | 'mi'];

/** As daemons make them: they compare the whole tag. */
const TAG_PREFIX = 'cluster-node-';

/** Messages and MI commands for the machines of a cluster of dialect 2.4. They are handed to the kernel, and machines send no answer. */
export class FleetCalls {
  constructor(
    private readonly loop: EngineLoop,
    private readonly sending: Pick<SendCalls, 'sendFrames'>,
    private readonly reports: Reports,
    private readonly serverId: number,
  ) {}

  /**
   * Runs an MI command on the machines, or on one.
   * @throws `unknown_cluster`, `unknown_machine`, `dialect_not_supported`, `payload_too_long`
   */
  async runMi(clusterId: number, { command, params = [], machine_id }: MiBody, actor: Actor): Promise<MessageAnswer> {
    const content: Content = { type: 'mi', command, parameters: params };
    const results = await this.send(clusterId, machine_id, content, '/params');
    this.reports.report({ kind: 'mi', cluster_id: clusterId, command, machines: machinesOf(results), by: actor.name });
    return { results };
  }

  /**
   * Sends what `cluster_send_req` of an OpenSIPS script sends, or with `reply` what `cluster_send_rpl` does.
   * @throws as `runMi`, and `invalid_input` for a reply without a tag
   */
  async sendMessage(clusterId: number, body: MessageBody, actor: Actor): Promise<MessageAnswer> {
    const { message, reply = false, machine_id } = body;
    if (reply && body.tag === undefined) {
      throw invalidInput([
        { pointer: '/tag', detail: 'is required for a reply: the tag of the message it replies to' },
      ]);
    }
    const tag = body.tag ?? TAG_PREFIX + randomBytes(18).toString('base64url');
    const content: Content = { type: 'generic', isRequest: !reply, tag, message };
    const results = await this.send(clusterId, machine_id, content, '/message');
    const machines = machinesOf(results);
    this.reports.report({ kind: 'message_sent', cluster_id: clusterId, reply, tag, machines, by: actor.name });
    return { tag, results };
  }

  /** Enables or disables the own node in a cluster, until the next such call or start. While it is disabled, nothing is sent there (L8). */
  async setOwnEnabled(clusterId: number, isEnabled: boolean, actor: Actor): Promise<void> {
    await this.loop.apply({ type: 'set_own_enabled', clusterId, isEnabled }, actor);
  }

  /** Removes a machine without a row from the cluster: the others are told, and forget it too (J5). */
  async removeNode(clusterId: number, machineId: number, actor: Actor): Promise<void> {
    await this.loop.apply({ type: 'remove_node', clusterId, machineId }, actor);
  }

  private async send(
    clusterId: number,
    machineId: number | undefined,
    content: Content,
    pointer: string,
  ): Promise<MessageResult[]> {
    const cluster = knownCluster(this.loop.engine.table, clusterId);
    if (cluster.fleet === null) throw notAFleet(clusterId);
    const route = { clusterId, origin: this.serverId };
    checkContent({ ...content, ...route, destination: this.serverId }, pointer);
    if (machineId === undefined) {
      const results = await Promise.all(cluster.machines.map((cell) => this.sendOne(cell, content, route)));
      return results.filter(({ error }) => error !== 'unreachable');
    }
    const cell = cluster.cell(machineId);
    if (cell === undefined) throw unknownMachine(clusterId, machineId);
    return [await this.sendOne(cell, content, route)];
  }

  private async sendOne(
    { machine, peer }: MachineCell,
    content: Content,
    route: Omit<Route, 'destination'>,
  ): Promise<MessageResult> {
    const { clusterId, machineId, protocol } = machine;
    const failed = (error: MessageResult['error'] & string) => ({ machine_id: machineId, sent: false, error });
    if (peer === null || peer.nextHop === null) return failed('unreachable');
    if (peer.family === null) return failed('unknown_release');
    const frame = encodeExtra({ ...content, ...route, destination: machineId }, peer.family);
    if (isFault(frame)) throw new RangeError('a destination has changed whether the message can be written');
    const [result] = await this.sending.sendFrames({ clusterId, protocol, only: machineId }, () => frame);
    return (result as MessageResult | undefined) ?? failed('unreachable');
  }
}

/** To which machines it was sent. */
function machinesOf(results: readonly MessageResult[]): number[] {
  return results.filter(({ sent }) => sent).map(({ machine_id }) => machine_id);
}

/** @throws `payload_too_long`, `invalid_input` */
function checkContent(message: ExtraMessage, pointer: string): void {
  for (const family of FAMILIES) {
    const sample = encodeExtra(message, family);
    if (isFault(sample) && sample.fault === 'too_long') throw payloadTooLong('2.4', pointer);
    const danger = isFault(sample) ? sample.fault : refusal(sample, family)?.harm;
    if (danger !== undefined) throw invalidInput([{ pointer, detail: `cannot be sent (${danger})` }]);
  }
}

function notAFleet(clusterId: number): ServiceError {
  const detail = `Cluster ${clusterId} speaks dialect 2.2, which has no messages between machines but packets of modules. Send a packet, or set CLUSTERER_DIALECT if its machines run OpenSIPS 2.4 or later.`;
  return new ServiceError('dialect_not_supported', detail);
}
