/** Tracks which elements are in view, so that only those are updated every second. */
export class Visible {
  private readonly seen = new Map<Element, () => void>();
  private readonly ticks = new WeakMap<Element, () => void>();
  private readonly observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const tick = this.ticks.get(target);
      if (!isIntersecting || tick === undefined) this.seen.delete(target);
      else {
        this.seen.set(target, tick);
        tick();
      }
    }
  });

  constructor() {
    setInterval(() => this.tick(), 1000);
  }

  /** `tick` runs when the element comes into view, and once a second while it is. */
  watch(element: Element, tick: () => void): void {
    this.ticks.set(element, tick);
    this.observer.observe(element);
  }

  forget(element: Element): void {
    this.observer.unobserve(element);
    this.seen.delete(element);
  }

  private tick(): void {
    if (document.hidden) return;
    for (const tick of this.seen.values()) tick();
  }
}
