import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a database that a test can cut, join again at the same port, or let go stale. */
export class Cable {
  private readonly sockets = new Set<Socket>();
  private readonly cutBefore: { readonly text: string; readonly cut: () => void }[] = [];
  private server: Server | null = null;
  private port = 0;

  /** @param url the database's, as an operator writes it; with host and port */
  constructor(private readonly url: string) {}

  /** Joins, and answers the URL that leads through here. */
  async join(): Promise<string> {
    const { hostname, port } = new URL(this.url);
    this.server = createServer((near) => {
      const far = connect(Number(port), hostname);
      for (const socket of [near, far]) {
        this.sockets.add(socket);
        socket.on('error', () => undefined).on('close', () => [near, far].map((end) => this.drop(end)));
      }
      near.on('data', (data) => {
        if (!this.reached(data)) far.write(data);
      });
      far.pipe(near);
    }).listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
    const url = new URL(this.url);
    url.host = `127.0.0.1:${this.port}`;
    return url.href;
  }

  /** Every connection is lost, and new ones are refused. */
  async cut(): Promise<void> {
    if (this.server === null) return;
    const closed = once(this.server.close(), 'close');
    this.server = null;
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  /** Connections that are open now are lost at the next thing said over them, as behind a firewall that forgot them. */
  letGoStale(): void {
    for (const socket of this.sockets) socket.removeAllListeners('data').on('data', () => socket.resetAndDestroy());
  }

  /** Nothing passes any more, and nobody is told: as when a host loses its power. Ends with `cut`. */
  freeze(): void {
    for (const socket of this.sockets) socket.removeAllListeners('data').resume();
    this.server?.removeAllListeners('connection').on('connection', (near: Socket) => {
      this.sockets.add(near.on('error', () => undefined).resume());
    });
  }

  /** Cuts the moment somebody says this, before the database hears it; resolves then. */
  cutAt(text: string): Promise<void> {
    return new Promise((resolve) => {
      this.cutBefore.push({ text, cut: () => resolve(this.cut()) });
    });
  }

  private reached(data: Buffer): boolean {
    const found = this.cutBefore.findIndex(({ text }) => data.includes(text));
    for (const { cut } of found < 0 ? [] : this.cutBefore.splice(found, 1)) cut();
    return found >= 0;
  }

  private drop(socket: Socket): void {
    this.sockets.delete(socket);
    socket.destroy();
  }
}
