import { type Api, ApiError } from './api.js';

const INTERVAL_MS = 1_000;

/** The newest packets of a registration with one name. */
export interface NameCount {
  /** `type 7` if there is no layout for the packet. */
  readonly name: string;
  readonly packets: number;
}

interface Answer {
  readonly packets: number;
  readonly names: readonly { readonly name: string | null; readonly packet_type: number; readonly packets: number }[];
}

/** Reads how many packets of each name a registration got, without their fields, every second until it is closed. */
export class PacketCounts {
  private timer = 0;
  private closed = false;

  constructor(
    private readonly api: Api,
    private readonly number: number,
    private readonly changed: (counts: readonly NameCount[]) => void,
    private readonly failed: (detail: string) => void,
  ) {
    void this.read();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  private async read(): Promise<void> {
    try {
      const { names } = await this.api.request<Answer>('GET', `modules/${this.number}/packets`);
      if (this.closed) return;
      this.changed(names.map(({ name, packet_type, packets }) => ({ name: name ?? `type ${packet_type}`, packets })));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (this.closed) return;
      this.failed(error.message);
    }
    this.timer = window.setTimeout(() => void this.read(), INTERVAL_MS);
  }
}
