import { eventually } from '../service/eventually.js';
import { CallsInTurn } from './calls-in-turn.js';
import type { ReplicaProcess } from './replica-process.js';
import type { ReplicaSet } from './replica-set.js';

/** Every call is answered within this time, also when its leader is gone: several times longer than the longest wait, for a busy machine. */
const ANSWER_MS = 30_000;

interface Result {
  readonly machine_id: number;
  readonly sent: boolean;
  readonly error?: string;
}

/** Sends one packet after the other, at each replica in turn, with ascending numbers in their payloads. It ends with a rejection if a call had no answer. */
export class NumberedSends extends CallsInTurn {
  /** The numbers of the packets that the machine has got, as the service says. */
  readonly sent: number[] = [];
  /** Of those of which the service does not know it. */
  readonly unknown: number[] = [];
  /** Attempts at the other machine that the service has counted, or may have counted. */
  attempts = 0;

  /**
   * @param machineId who gets the packets
   * @param otherId who refuses connections
   */
  constructor(
    set: ReplicaSet,
    clusterId: number,
    private readonly machineId: number,
    private readonly otherId: number,
  ) {
    super(set, clusterId);
  }

  /** Resolves when packets that are sent from now on have reached the machine. */
  async untilMore(): Promise<void> {
    const { length } = this.sent;
    // Of the first one the call may have begun before.
    await eventually(() => this.sent.length > length + 1);
  }

  protected async call({ url }: ReplicaProcess, number: number): Promise<void> {
    const packet = { module: 'ul', packet_type: 3, payload: payloadOf(number) };
    const response = await this.request(`${url}/clusters/${this.clusterId}/packets`, 'POST', packet, ANSWER_MS);
    const body = await response.text();
    if (response.status === 200) {
      this.count(number, JSON.parse(body).results);
      return;
    }
    // Nobody knows how far it got.
    this.unknown.push(number);
    this.attempts++;
  }

  private count(number: number, results: readonly Result[]): void {
    for (const { machine_id: id, sent, error } of results) {
      if (id === this.machineId && sent) this.sent.push(number);
      if (id === this.machineId && error === 'leader_changed') this.unknown.push(number);
      if (id === this.otherId) this.attempts++;
    }
  }
}

function payloadOf(number: number): string {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(number);
  return payload.toString('base64');
}
