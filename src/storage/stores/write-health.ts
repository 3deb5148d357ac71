/**
 * Whether a readable database is also writable: a full disk or a read-only server shows only at a write.
 * After such a failure the database counts as unwritable until a write succeeds.
 */
export class WriteHealth {
  private failing = false;
  private probe: (() => Promise<void>) | null = null;
  private probing: Promise<void> | null = null;

  /** Sets a write to try that changes nothing that is read. */
  probeWith(probe: () => Promise<void>): void {
    this.probe = probe;
  }

  failed(): void {
    this.failing = true;
  }

  worked(): void {
    this.failing = false;
  }

  /** Resolves when writes work. After a failed write it tries one; concurrent calls share that try. */
  async check(): Promise<void> {
    if (!this.failing) return;
    if (this.probe === null) throw new Error('The last write failed: the disk is full or the database is read-only.');
    this.probing ??= this.probe().finally(() => {
      this.probing = null;
    });
    await this.probing;
    this.worked();
  }
}
