import type { SocketClient } from '../peers/socket-client.js';
import type { ReplicaProcess } from './replica-process.js';

/** Where the payload of a packet of module `ul` starts: header, name, type and machine id. */
const PAYLOAD_AT = 26;

interface Registered {
  readonly registration: string;
  readonly number: number;
  readonly epoch: string;
}

/** A module that records the numbers of the packets of a `PacketStream`, and resumes where it is told to. */
export class NumberedModule {
  /** Of the packets, in the order in which they came. */
  readonly numbers: number[] = [];
  /** Of the last packet. */
  seq = 0;
  /** Where a `seq` did not follow the one before. */
  readonly faults: string[] = [];
  private framesRead = 0;

  private constructor(
    private client: SocketClient,
    private readonly request: object,
    readonly registered: Registered,
  ) {}

  /** @param timeout seconds of silence that are reported; 0: never */
  static async register(replica: ReplicaProcess, clusterId: number, timeout = 0): Promise<NumberedModule> {
    const client = await replica.socket(['clusterer.v1.bin']);
    const request = { module: 'ul', protocol: 'bin', timeout, auth_check: false, cluster_id: clusterId };
    return new NumberedModule(client, request, await client.call('register_module', request));
  }

  /** Resolves when the packet with this number, or a later one, has come. */
  async until(number: number): Promise<void> {
    await this.client.until(() => {
      this.read();
      return (this.numbers.at(-1) ?? 0) >= number;
    });
  }

  /** Resolves when that many packets have come, whatever their numbers. */
  async untilPackets(count: number): Promise<void> {
    await this.client.until(() => {
      this.read();
      return this.numbers.length >= count;
    });
  }

  /** Resolves when its socket is closed. */
  async cut(): Promise<void> {
    this.client.socket.terminate();
    await this.client.closed;
    this.read();
  }

  /** Resumes the registration at a replica. @returns the answer */
  async resumeAt(replica: ReplicaProcess): Promise<{ readonly resumed: boolean; readonly missed: number }> {
    await this.cut();
    this.client = await replica.socket(['clusterer.v1.bin']);
    this.framesRead = 0;
    const { registration, epoch } = this.registered;
    const answer = await this.client.call('register_module', {
      ...this.request,
      resume: { registration, epoch, seq: this.seq },
    });
    return answer;
  }

  /** The numbers between those that came and were not received, as ranges; empty if each came once and in order. */
  get missing(): readonly (readonly [first: number, last: number])[] {
    const ranges: [number, number][] = [];
    let last = 0;
    for (const number of this.numbers) {
      if (number !== last + 1) ranges.push([last + 1, number - 1]);
      last = number;
    }
    return ranges;
  }

  private read(): void {
    const { packetFrames } = this.client;
    for (; this.framesRead < packetFrames.length; this.framesRead++) {
      const frame = packetFrames[this.framesRead];
      if (frame === undefined || frame.number !== this.registered.number) continue;
      if (frame.seq !== this.seq + 1) this.faults.push(`seq ${frame.seq} after ${this.seq}`);
      this.seq = frame.seq + frame.packets.length - 1;
      for (const packet of frame.packets) this.numbers.push(packet.readUInt32BE(PAYLOAD_AT));
    }
  }
}
