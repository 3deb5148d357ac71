import { type Client, connect, type PacketEvent } from '../../client/browser.js';

/** Older packets are dropped. */
const KEPT = 200;

/** A packet as the service decoded it, without the fields that it redacts. */
export interface FeedPacket {
  /** Unix milliseconds. */
  readonly at: number;
  readonly machineId: number;
  readonly name: string;
  /** As JSON; the reason if the packet could not be decoded. */
  readonly fields: string;
}

/**
 * The latest packets of a module, for as long as someone reads them. It registers under the name of the module on a connection of its
 * own, so that many packets do not delay the changes that the page watches. Nothing is kept of the payload.
 */
export class PacketFeed {
  /** Newest last. */
  readonly packets: FeedPacket[] = [];
  /** Of the registration; null until there is one. */
  number: number | null = null;
  private client: Client | null = null;
  private closed = false;

  /** @param arrived called for each packet */
  constructor(private readonly arrived: () => void) {}

  /** @throws ClientError when the service does not accept the registration */
  async open(token: string | null, module: string, clusterId: number, protocol: string): Promise<void> {
    const client = await connect(new URL('.', document.baseURI).href, { token: token ?? undefined });
    if (this.closed) return void client.close();
    this.client = client;
    const params = { module, clusterId, protocol, timeout: 0, authCheck: false, decode: true };
    const registration = await client.registerModule(params, { packet: (packet) => this.take(packet) });
    this.number = registration.number;
  }

  /** Ends the registration with its connection. */
  close(): void {
    this.closed = true;
    void this.client?.close();
  }

  private take({ received_at, machine_id, packet_type, decoded, decode_fault }: PacketEvent): void {
    if (this.closed) return;
    const packet = {
      at: received_at ?? Date.now(),
      machineId: machine_id,
      name: decoded?.name ?? `type ${packet_type}`,
      fields: decoded ? JSON.stringify(decoded.fields) : (decode_fault ?? ''),
    };
    this.packets.push(packet);
    if (this.packets.length > KEPT) this.packets.shift();
    this.arrived();
  }
}
