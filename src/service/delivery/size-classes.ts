export interface Sized {
  readonly keptBytes: number;
  /** Only `SizeClasses` writes it; -1: in no class. */
  sizeClass: number;
}

/** The last class holds everything from 2^31 bytes on. */
const CLASSES = 32;

/**
 * Finds one of the largest items without comparing all of them. Items are grouped by the power of two in their size, and most
 * changes of a size stay within a group.
 * Invariant: an item of n > 0 bytes is in class floor(log2(n)), an empty one in none. So any item of the highest class is more than
 * half as large as the largest item (up to 2^32 bytes).
 */
export class SizeClasses<T extends Sized> {
  private readonly classes = Array.from({ length: CLASSES }, () => new Set<T>());

  /** Call after the size of the item has changed. */
  update(item: T): void {
    const { keptBytes, sizeClass } = item;
    // -1 for 0 bytes.
    const wanted = CLASSES - 1 - Math.clz32(Math.min(keptBytes, 2 ** CLASSES - 1));
    if (wanted === sizeClass) return;
    this.classes[sizeClass]?.delete(item);
    this.classes[wanted]?.add(item);
    item.sizeClass = wanted;
  }

  /** Returns the item that has been in the highest class for longest; null when all are empty. */
  oneOfTheLargest(): T | null {
    for (let index = CLASSES - 1; index >= 0; index--) {
      for (const item of this.classes[index] ?? []) return item;
    }
    return null;
  }
}
