/** Counts what comes in a second; a second begins with its first message. */
export class Rate {
  private begun = Number.NEGATIVE_INFINITY;
  private count = 0;

  constructor(private readonly perSecond: number) {}

  /** False when it is more than may come. `nowMs` is monotonic. */
  take(nowMs: number): boolean {
    if (nowMs - this.begun >= 1000) {
      this.begun = nowMs;
      this.count = 0;
    }
    return ++this.count <= this.perSecond;
  }
}
