/** Collects redraw tasks and runs each once before the browser's next frame. */
export class RedrawScheduler {
  private readonly waiting = new Set<() => void>();

  /** Schedules a task for the next frame. The same function runs once, however often it is requested. */
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
