/** An item with a deadline. */
export interface Timed {
  /**
   * Monotonic milliseconds; 0 outside the heap. Never Infinity: V8 stores a field that has only held 31-bit integers inline, and
   * any other number in a separate object. For a million items that is 16 MB, and a cache miss for each read.
   */
  dueAt: number;
  /** Index in the heap, -1 outside. Only the heap writes it. */
  slot: number;
}

/**
 * A binary heap of deadlines, earliest first. An item knows its index, so it moves and leaves in O(log n), and the heap
 * holds one reference for each item.
 */
export class Deadlines<T extends Timed> {
  private readonly heap: T[] = [];

  get size(): number {
    return this.heap.length;
  }

  /** The earliest deadline; Infinity if there is none. */
  get next(): number {
    return this.heap[0]?.dueAt ?? Number.POSITIVE_INFINITY;
  }

  peek(): T | undefined {
    return this.heap[0];
  }

  /** Adds the item, or moves it. Infinity removes it. */
  set(item: T, dueAt: number): void {
    if (dueAt === Number.POSITIVE_INFINITY) {
      this.clear(item);
      return;
    }
    const before = item.dueAt;
    item.dueAt = dueAt;
    if (item.slot === -1) {
      this.place(item, this.heap.length);
      this.rise(item);
    } else if (dueAt < before) {
      this.rise(item);
    } else {
      this.sink(item);
    }
  }

  clear(item: T): void {
    item.dueAt = 0;
    const slot = item.slot;
    if (slot === -1) return;
    item.slot = -1;
    const last = this.heap.pop();
    if (last === undefined || last === item) return;
    this.place(last, slot);
    this.rise(last);
    this.sink(last);
  }

  /** Moves all items. Their order stays. */
  postpone(ms: number): void {
    for (const item of this.heap) item.dueAt += ms;
  }

  private place(item: T, slot: number): void {
    this.heap[slot] = item;
    item.slot = slot;
  }

  private rise(item: T): void {
    let slot = item.slot;
    while (slot > 0) {
      const parentSlot = (slot - 1) >> 1;
      const parent = this.heap[parentSlot];
      if (parent === undefined || parent.dueAt <= item.dueAt) break;
      this.place(parent, slot);
      slot = parentSlot;
    }
    this.place(item, slot);
  }

  private sink(item: T): void {
    let slot = item.slot;
    for (;;) {
      const child = this.earlierChild(slot);
      if (child === undefined || child.dueAt >= item.dueAt) break;
      const childSlot = child.slot;
      this.place(child, slot);
      slot = childSlot;
    }
    this.place(item, slot);
  }

  private earlierChild(slot: number): T | undefined {
    const left = this.heap[2 * slot + 1];
    const right = this.heap[2 * slot + 2];
    if (left === undefined || right === undefined) return left;
    return right.dueAt < left.dueAt ? right : left;
  }
}
