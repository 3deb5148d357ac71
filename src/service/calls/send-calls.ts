import type { Attempt } from '../../domain/commands.js';
import type { Registration } from '../../domain/reception.js';
import { ServiceError } from '../../ground/errors.js';
import type { Clock, Log } from '../../ground/ports.js';
import { LONGEST_MODULE_NAME, type PacketBody, type SendResult } from '../../schemas/packet.js';
import { invalidInput } from '../../schemas/validation.js';
import { V22 } from '../../wire/dialects/v22.js';
import type { EngineLoop } from '../engine-loop.js';
import type { Statistics } from '../events/statistics.js';
import type { SendError, Sender } from '../ports.js';
import { inTurns } from '../turns.js';

/** A packet to send; the service adds its machine id. `protocol` is in lower case. */
export interface OutgoingPacket {
  readonly module: string;
  readonly packetType: number;
  readonly version: number;
  readonly protocol: string;
  readonly payload: Uint8Array;
}

/** The protocols that the service sends and receives. */
const SUPPORTED: readonly string[] = ['bin', 'bins'];

/** @throws `protocol_not_supported` */
export function checkProtocol(protocol: string): void {
  if (SUPPORTED.includes(protocol)) return;
  const detail = `The protocol ${JSON.stringify(protocol)} is not supported. Use ${SUPPORTED.join(' or ')}.`;
  throw new ServiceError('protocol_not_supported', detail, { errors: [{ pointer: '/protocol', detail }] });
}

/**
 * An empty packet. In `ratelimit` of OpenSIPS 2.2 type 0 is the list of pipes, here an empty one; other modules have no type 0, and drop
 * the packet after it has ended their silence.
 */
const KEEPALIVE = { packetType: 0, version: 1, payload: new Uint8Array() };

/** One packet to some machines. */
interface Round {
  readonly attempts: readonly Attempt[];
  /** Sends to one of them, by its index. */
  readonly begin: (index: number, attempt: Attempt) => void;
}

/** `send_to` of OpenSIPS 2.2: one packet to each machine of a cluster that is up. */
export class SendCalls {
  private observerWarned = false;
  /** Packets on their way to the sender, in order: a later one must not overtake an earlier one on its way to the same machine. */
  private readonly rounds: Round[] = [];

  constructor(
    private readonly loop: EngineLoop,
    private readonly ports: { readonly sender: Sender; readonly clock: Clock; readonly log: Log },
    private readonly options: { readonly serverId: number },
    private readonly statistics: Pick<Statistics, 'packetsSent'>,
  ) {}

  /** The same as `send` for a body. @throws `invalid_input` for a payload that is not base64 */
  sendTo(clusterId: number, body: PacketBody): Promise<SendResult[]> {
    return this.send(clusterId, {
      module: body.module,
      packetType: body.packet_type,
      version: body.version ?? 1,
      protocol: (body.protocol ?? 'bin').toLowerCase(),
      payload: decodeBase64(body.payload ?? ''),
    });
  }

  /** Returns a result for each machine, by ascending id. @throws `protocol_not_supported`, `invalid_input` for the module name, `payload_too_long` */
  send(clusterId: number, { module, packetType, version, protocol, payload }: OutgoingPacket): Promise<SendResult[]> {
    checkProtocol(protocol);
    checkName(module);
    const { serverId } = this.options;
    const frame = V22.encode(
      { module, packetType, version, payload },
      { clusterId, machineId: serverId, destination: 0 },
    );
    if (frame === 'too_long') {
      const detail = 'does not fit into a packet of 65535 bytes';
      throw new ServiceError('payload_too_long', `The payload ${detail}. Shorten it.`, {
        errors: [{ pointer: '/payload', detail }],
      });
    }
    if (serverId === 0) this.warnOfObserver();
    return this.sendAll(this.loop.apply({ type: 'send', clusterId, protocol }), frame);
  }

  /** Sends an empty packet of the module. Failures show in the states of the machines. */
  keepAlive({ module, protocol, clusterId }: Registration): void {
    void this.send(clusterId, { module, protocol, ...KEEPALIVE });
  }

  /** One promise for all of them: there may be thousands. */
  private sendAll(attempts: readonly Attempt[], frame: Buffer): Promise<SendResult[]> {
    return new Promise((resolve) => {
      const results = new Array<SendResult>(attempts.length);
      let waiting = attempts.length;
      if (waiting === 0) resolve(results);
      const begin = (i: number, attempt: Attempt): void => {
        const { machineId } = attempt.machine;
        this.sendOne(attempt, frame, (error) => {
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

  private sendOne({ machine, attempt }: Attempt, frame: Buffer, done: (error: SendError | null) => void): void {
    const { clusterId, machineId, protocol, host, port } = machine;
    const current = this.loop.engine.table.cell(clusterId, machineId)?.machine;
    // Removed or moved since the call: as for a packet that waits for a connection then (S9), no failed attempt.
    if (current?.protocol !== protocol || current.host !== host || current.port !== port) done('reset');
    else this.ports.sender.send({ clusterId, machineId, protocol, host, port, ip: current.ip, attempt }, frame, done);
  }

  private warnOfObserver(): void {
    if (this.observerWarned) return;
    this.observerWarned = true;
    const message =
      'CLUSTERER_SERVER_ID is 0: packets are sent with machine id 0, and peers that check the sender drop them';
    this.ports.log.warn({}, message);
  }
}

/** One rule for names from JSON and from binary frames. Invalid UTF-8, or half a surrogate pair in JSON, has become U+FFFD. @throws `invalid_input` */
export function checkName(module: string): void {
  const characters = [...module].length;
  if (characters < 1 || characters > LONGEST_MODULE_NAME) {
    throw invalidInput([{ pointer: '/module', detail: `must have 1 to ${LONGEST_MODULE_NAME} characters` }]);
  }
  if (Buffer.from(module).includes('\ufffd')) {
    throw invalidInput([{ pointer: '/module', detail: 'must be valid UTF-8' }]);
  }
}

/** Node skips invalid base64: without this check a mistyped or truncated payload would be sent shortened. */
function decodeBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') === text) return bytes;
  throw invalidInput([{ pointer: '/payload', detail: 'must be base64 (A-Z, a-z, 0-9, +, /) padded with =' }]);
}
