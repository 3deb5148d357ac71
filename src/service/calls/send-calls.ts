import type { Attempt, SendCommand } from '../../domain/commands.js';
import type { Machine } from '../../domain/machine.js';
import { isSendable } from '../../domain/send-side.js';
import { ServiceError } from '../../ground/errors.js';
import type { Clock, Log } from '../../ground/ports.js';
import type { PacketBody, SendResult } from '../../schemas/packet.js';
import type { EngineLoop } from '../engine-loop.js';
import type { Statistics } from '../events/statistics.js';
import type { SendError, Sender } from '../ports/sender.js';
import { inTurns } from '../turns.js';
import { unknownMachine } from '../views/errors.js';
import { type FrameFor, frames22, frames24, type OutgoingContent } from './frames.js';
import { namedFrames22, namedFrames24 } from './named-frames.js';
import { contentOf } from './packet-body.js';
import { checkProtocol, type DecodeOptions } from './packet-checks.js';
import type { NamedContent } from './packet-forms.js';

/** A packet to send, and to which machines: those with this protocol, which is in lower case, or one of them. */
export type OutgoingPacket = (OutgoingContent | NamedContent) & {
  readonly protocol: string;
  readonly machineId?: number | undefined;
};

/**
 * An empty packet. In `ratelimit` of OpenSIPS 2.2 type 0 is the list of pipes, here an empty one; other modules have no type 0, and drop
 * the packet after it has ended their silence.
 */
export const KEEPALIVE = { packetType: 0, version: 1, payload: new Uint8Array() };

/** One packet to some machines. */
interface Round {
  readonly attempts: readonly Attempt[];
  /** Sends to one of them, by its index. */
  readonly begin: (index: number, attempt: Attempt) => void;
}

/** `send_to` of OpenSIPS 2.2: one packet to each machine of a cluster that is up, or in dialect 2.4 that a neighbour reaches. */
export class SendCalls {
  private observerWarned = false;
  /** Packets on their way to the sender, in order: a later one must not overtake an earlier one on its way to the same machine. */
  private readonly rounds: Round[] = [];

  constructor(
    private readonly loop: EngineLoop,
    private readonly ports: { readonly sender: Sender; readonly clock: Clock; readonly log: Log },
    private readonly options: DecodeOptions & { readonly serverId: number },
    private readonly statistics: Pick<Statistics, 'packetsSent'>,
  ) {}

  /** The same as `send` for a body. @throws also as `contentOf` */
  sendTo(clusterId: number, body: PacketBody): Promise<SendResult[]> {
    return this.send(clusterId, {
      ...contentOf(body, this.options),
      protocol: (body.protocol ?? 'bin').toLowerCase(),
      machineId: body.machine_id,
    });
  }

  /**
   * Returns a result for each machine that was tried, by ascending id.
   * @throws `protocol_not_supported`, `unknown_machine`, `module_reserved`, `payload_too_long`, `invalid_input` for the module name and the payload
   */
  send(clusterId: number, { protocol, machineId, ...content }: OutgoingPacket): Promise<SendResult[]> {
    checkProtocol(protocol);
    if (machineId !== undefined) this.checkMachine(clusterId, machineId, protocol);
    const frameFor = this.framesOf({ clusterId, protocol, only: machineId }, content);
    if (this.options.serverId === 0) this.warnOfObserver();
    return this.sendFrames({ clusterId, protocol, only: machineId }, frameFor);
  }

  /** Sends each machine that is up, or `only` one, its own frame. Returns a result for each that was tried. */
  async sendFrames(to: Omit<SendCommand, 'type'>, frameFor: FrameFor): Promise<SendResult[]> {
    return this.sendAll(await this.loop.apply({ type: 'send', ...to }), frameFor);
  }

  private framesOf(
    { clusterId, protocol, only }: Omit<SendCommand, 'type'>,
    content: OutgoingContent | NamedContent,
  ): FrameFor {
    const { serverId } = this.options;
    const { engine } = this.loop;
    const isLater = engine.dialectOf(clusterId) === '2.4';
    if (!('name' in content)) return isLater ? frames24(content, clusterId, serverId) : frames22(content, serverId);
    if (!isLater) return namedFrames22(content, serverId);
    const machines = engine.table.cluster(clusterId)?.machines ?? [];
    const wanted = machines.filter(({ machine }) => only === undefined || machine.machineId === only);
    const tried = wanted.filter((cell) => isSendable(cell) && cell.machine.protocol === protocol);
    // Fields that suit no machine that could be tried later are refused even if none is tried now.
    const peers = (tried.length === 0 ? wanted : tried).map(({ peer }) => peer);
    return namedFrames24(content, clusterId, serverId, peers);
  }

  private checkMachine(clusterId: number, machineId: number, protocol: string): void {
    const machine = this.loop.engine.table.cell(clusterId, machineId)?.machine;
    if (machine === undefined) throw unknownMachine(clusterId, machineId);
    if (machine.protocol === protocol) return;
    const detail = `Machine ${machineId} of cluster ${clusterId} has the protocol ${machine.protocol}, not ${protocol}.`;
    throw new ServiceError('unknown_machine', detail);
  }

  /** One promise for all of them: there may be thousands. */
  private sendAll(attempts: readonly Attempt[], frameFor: FrameFor): Promise<SendResult[]> {
    return new Promise((resolve) => {
      const results = new Array<SendResult>(attempts.length);
      let waiting = attempts.length;
      if (waiting === 0) resolve(results);
      const begin = (i: number, attempt: Attempt): void => {
        const { machineId } = attempt.machine;
        this.sendOne(attempt, frameFor, (error) => {
          this.statistics.packetsSent.add({ result: error ?? 'sent' });
          results[i] =
            error === null ? { machine_id: machineId, sent: true } : { machine_id: machineId, sent: false, error };
          waiting--;
          if (waiting === 0) resolve(results);
        });
      };
      this.rounds.push({ attempts, begin });
      if (this.rounds.length === 1) void this.sendOn();
    });
  }

  /** What does not fit into this turn of the event loop goes out in the next ones. */
  private async sendOn(): Promise<void> {
    for (let round = this.rounds[0]; round !== undefined; round = this.rounds[0]) {
      const { attempts, begin } = round;
      await inTurns(attempts.entries(), this.ports.clock, ([i, attempt]) => begin(i, attempt));
      this.rounds.shift();
    }
  }

  private sendOne(
    { machine, attempt, via }: Attempt,
    frameFor: FrameFor,
    done: (error: SendError | null) => void,
  ): void {
    const { clusterId, machineId } = machine;
    const cell = this.loop.engine.table.cell(clusterId, machineId);
    const hop = via === machine ? cell?.machine : this.loop.engine.table.cell(clusterId, via.machineId)?.machine;
    // Removed or moved since the call: as for a packet that waits for a connection then (S9), no failed attempt.
    if (cell === undefined || hop === undefined || isMoved(cell.machine, machine) || isMoved(hop, via)) {
      done('reset');
      return;
    }
    const frame = frameFor(machineId, cell.peer);
    if (frame === 'layout') {
      done('layout');
      return;
    }
    const { protocol, host, port, ip } = hop;
    this.ports.sender.send({ clusterId, machineId: hop.machineId, protocol, host, port, ip, attempt }, frame, done);
  }

  private warnOfObserver(): void {
    if (this.observerWarned) return;
    this.observerWarned = true;
    const message =
      'CLUSTERER_SERVER_ID is 0: packets are sent with machine id 0, and peers that check the sender drop them';
    this.ports.log.warn({}, message);
  }
}

/** Whether a machine has another address than it had. */
function isMoved(now: Machine, before: Machine): boolean {
  return now.protocol !== before.protocol || now.host !== before.host || now.port !== before.port;
}
