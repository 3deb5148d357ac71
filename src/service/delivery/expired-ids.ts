/** More are forgotten, oldest first. */
const LIMIT = 1_000;

/** The ids of registrations that have expired, so that a late resume learns why it failed. */
export class ExpiredIds {
  private readonly ids = new Set<string>();

  has(id: string): boolean {
    return this.ids.has(id);
  }

  add(id: string): void {
    this.ids.add(id);
    if (this.ids.size <= LIMIT) return;
    const [oldest] = this.ids;
    if (oldest !== undefined) this.ids.delete(oldest);
  }

  /** Oldest first. */
  get all(): string[] {
    return [...this.ids];
  }
}
