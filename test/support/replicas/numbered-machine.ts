import type { Server, Socket } from 'node:net';
import { startPeer } from '../../integration/bin-peers.js';

/** Where the length of a packet of module `ul` is, and where its payload starts. */
const LENGTH_AT = 4;
const PAYLOAD_AT = 26;

/** A machine that takes packets whose payload starts with a number. */
export class NumberedMachine {
  /** Of the packets, in the order in which they came. */
  readonly numbers: number[] = [];
  private readonly sockets: Socket[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(host: string): Promise<NumberedMachine> {
    const accept = (socket: Socket) => machine.accept(socket);
    const { server, port } = await startPeer(host, accept);
    const machine = new NumberedMachine(server, `bin:${host}:${port}`);
    return machine;
  }

  /** The replicas that may send to it: each keeps one connection. */
  get connections(): number {
    return this.sockets.filter((socket) => !socket.closed).length;
  }

  stop(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private accept(socket: Socket): void {
    this.sockets.push(socket);
    let rest = Buffer.alloc(0);
    socket.on('data', (bytes) => {
      rest = Buffer.concat([rest, bytes]);
      while (rest.length >= PAYLOAD_AT && rest.length >= rest.readUInt32LE(LENGTH_AT)) {
        this.numbers.push(rest.readUInt32BE(PAYLOAD_AT));
        rest = rest.subarray(rest.readUInt32LE(LENGTH_AT));
      }
    });
  }
}
