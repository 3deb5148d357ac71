/** How many units of a shared resource each client may hold at once. */
export class ConcurrencyQuota {
  private readonly held = new Map<string, number>();

  constructor(private readonly limit: number) {}

  isFull(client: string): boolean {
    return (this.held.get(client) ?? 0) >= this.limit;
  }

  /** Takes one unit; false if the client holds all it may. */
  acquire(client: string): boolean {
    if (this.isFull(client)) return false;
    this.held.set(client, (this.held.get(client) ?? 0) + 1);
    return true;
  }

  /** Undoes one successful `acquire`. */
  release(client: string): void {
    const held = this.held.get(client) ?? 0;
    if (held > 1) this.held.set(client, held - 1);
    else this.held.delete(client);
  }
}
