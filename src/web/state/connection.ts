import { type ChangeEvent, type Client, ClientError, connect, type Snapshot } from '../../client/browser.js';

export interface Listener {
  /** What is shown is live from now on, or no longer. */
  connected(connected: boolean): void;
  /** How things are, now and after each time the connection was lost. */
  began(snapshot: Snapshot): void;
  changed(change: ChangeEvent): void;
  /** The service has turned this page away for good. */
  ended(reason: string): void;
}

/** Watches all clusters on the service that the page comes from, and goes on whenever the connection was lost. */
export class Connection {
  private client: Client | null = null;
  /** Counts openings and closings: what belongs to an earlier one comes too late. */
  private turn = 0;

  constructor(private readonly listener: Listener) {}

  async open(token: string | null): Promise<void> {
    this.close();
    const turn = ++this.turn;
    const current = () => turn === this.turn;
    const client = await connect(new URL('.', document.baseURI).href, {
      token: token ?? undefined,
      waitForService: true,
      onConnection: (connected) => {
        if (current() && !connected) this.listener.connected(false);
      },
      onError: (error) => {
        throw error;
      },
    });
    if (!current()) return void client.close();
    this.client = client;
    client.closed.catch((error: ClientError) => {
      if (current()) this.listener.ended(error.message);
    });
    await this.watch(client, current);
  }

  close(): void {
    this.turn++;
    void this.client?.close();
    this.client = null;
  }

  private async watch(client: Client, current: () => boolean): Promise<void> {
    const handlers = {
      snapshot: (snapshot: Snapshot) => {
        if (!current()) return;
        this.listener.connected(true);
        this.listener.began(snapshot);
      },
      change: (change: ChangeEvent) => {
        if (current()) this.listener.changed(change);
      },
    };
    try {
      await client.watch({}, handlers);
    } catch (error) {
      // The connection was lost before the answer came; there is no watch yet that would go on.
      if (error instanceof ClientError && error.status === null && current()) {
        setTimeout(() => current() && void this.watch(client, current), 500);
      } else throw error;
    }
  }
}
