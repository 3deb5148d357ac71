/** Something whose size changes. */
export interface Sized {
  readonly keptBytes: number;
  /** Written by `SizeClasses` only; -1 outside. */
  sizeClass: number;
}

/** 2^31 bytes and more are one class. */
const CLASSES = 32;

/**
 * Finds one of the largest of many without a look at the others: they are kept by the power of two in their size, and most changes of a
 * size stay within one.
 * Invariant: an item of `bytes` is in the class floor(log2(bytes)), one of 0 bytes in none. So whatever the highest class holds is more
 * than half as large as the largest item, up to 2^32 bytes.
 */
export class SizeClasses<T extends Sized> {
  private readonly classes = Array.from({ length: CLASSES }, () => new Set<T>());

  /** The size of this item has changed. */
  update(item: T): void {
    const { keptBytes, sizeClass } = item;
    // -1 for 0 bytes.
    const wanted = CLASSES - 1 - Math.clz32(Math.min(keptBytes, 2 ** CLASSES - 1));
    if (wanted === sizeClass) return;
    this.classes[sizeClass]?.delete(item);
    this.classes[wanted]?.add(item);
    item.sizeClass = wanted;
  }

  /** One that is more than half as large as the largest: of those, the one that became so large first. Null when all are empty. */
  oneOfTheLargest(): T | null {
    for (let index = CLASSES - 1; index >= 0; index--) {
      for (const item of this.classes[index] ?? []) return item;
    }
    return null;
  }
}
