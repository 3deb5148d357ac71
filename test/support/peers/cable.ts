import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP proxy in front of a database that a test can cut, join again at the same port, freeze or make stale. */
export class Cable {
  private readonly sockets = new Set<Socket>();
  private readonly cutBefore: { readonly text: string; readonly cut: () => void }[] = [];
  private server: Server | null = null;
  private port = 0;

  /** @param url of the database, as an operator writes it, with host and port */
  constructor(private readonly url: string) {}

  /** Starts the proxy. @returns the url that leads through it */
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

  /** Closes every connection, and refuses new ones. */
  async cut(): Promise<void> {
    if (this.server === null) return;
    const closed = once(this.server.close(), 'close');
    this.server = null;
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  /** Resets each open connection at its next data, as after a firewall has dropped its state. */
  goStale(): void {
    for (const socket of this.sockets) socket.removeAllListeners('data').on('data', () => socket.resetAndDestroy());
  }

  /** Forwards nothing more and closes nothing, as after a power loss. Ends with `cut`. */
  freeze(): void {
    for (const socket of this.sockets) socket.removeAllListeners('data').resume();
    this.server?.removeAllListeners('connection').on('connection', (near: Socket) => {
      this.sockets.add(near.on('error', () => undefined).resume());
    });
  }

  /** Cuts when this text is sent, before the database gets it. Resolves then. */
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
