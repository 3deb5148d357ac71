/**
 * Whether a database that can be read can be written, too: that its disk is full, or that it is read-only, shows only at a write.
 * After such a failure it counts as unwritable until a write has worked.
 */
export class WriteHealth {
  private failing = false;
  private probe: (() => Promise<void>) | null = null;
  private probing: Promise<void> | null = null;

  /** How to try a write that changes nothing which anybody reads. */
  probeWith(probe: () => Promise<void>): void {
    this.probe = probe;
  }

  failed(): void {
    this.failing = true;
  }

  worked(): void {
    this.failing = false;
  }

  /** Resolves where writes work. Where the last one failed it tries again; whoever asks meanwhile waits for the same try. */
  async check(): Promise<void> {
    if (!this.failing) return;
    if (this.probe === null) throw new Error('The last write failed: the disk is full, or the database is read-only.');
    this.probing ??= this.probe().finally(() => {
      this.probing = null;
    });
    await this.probing;
    this.worked();
  }
}
