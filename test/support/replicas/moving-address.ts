import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface Target {
  readonly ip: string;
  readonly port: number;
}

/** An address that moves between replicas, as keepalived moves the BIN address: it passes connections on with the source IPs that they have. */
export class MovingAddress {
  private readonly sockets = new Set<Socket>();
  private target: Target | null = null;

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {
    server.on('connection', (incoming) => this.pass(incoming));
  }

  static async open(host: string): Promise<MovingAddress> {
    const server = createServer();
    server.listen(0, host);
    await once(server, 'listening');
    return new MovingAddress(server, (server.address() as { port: number }).port);
  }

  /** Closes all connections: where the address was, nobody answers any more. */
  moveTo(target: Target): void {
    this.target = target;
    for (const socket of this.sockets) socket.destroy();
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private pass(incoming: Socket): void {
    const { target } = this;
    if (target === null) {
      incoming.destroy();
      return;
    }
    const outgoing = connect({
      host: target.ip,
      port: target.port,
      ...(incoming.remoteAddress !== undefined && { localAddress: incoming.remoteAddress }),
    });
    for (const [one, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      this.sockets.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        this.sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }
}
