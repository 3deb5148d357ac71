/** Gathers what is to be shown anew, however often it changes, until the browser next draws. */
export class Frames {
  private readonly waiting = new Set<() => void>();

  /** Runs a task, once, before the next drawing; the same function asked for twice counts once. */
  request(task: () => void): void {
    if (this.waiting.size === 0) requestAnimationFrame(() => this.run());
    this.waiting.add(task);
  }

  private run(): void {
    const tasks = [...this.waiting];
    this.waiting.clear();
    for (const task of tasks) task();
  }
}
