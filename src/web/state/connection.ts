import { type ChangeEvent, type Client, ClientError, connect, type Snapshot } from '../../client/browser.js';

export interface ConnectionListener {
  /** The connection was opened or lost. */
  connected(connected: boolean): void;
  /** The state after each connect. */
  began(snapshot: Snapshot): void;
  changed(change: ChangeEvent): void;
  /** The service has refused this page for good. */
  ended(reason: string): void;
}

/** Watches all clusters of the service that served the page, and reconnects after a lost connection. */
export class Connection {
  private client: Client | null = null;
  /** Counts openings and closings: callbacks of an earlier one are ignored. */
  private generation = 0;

  constructor(private readonly listener: ConnectionListener) {}

  async open(token: string | null): Promise<void> {
    this.close();
    const generation = ++this.generation;
    const current = () => generation === this.generation;
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
    this.generation++;
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
      // The connection was lost before the response, so there is no watch yet that the client could resume.
      if (error instanceof ClientError && error.status === null && current()) {
        setTimeout(() => current() && void this.watch(client, current), 500);
      } else throw error;
    }
  }
}
