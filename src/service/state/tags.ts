/** What a value begins with. */
export const TAG = {
  null: 0,
  undefined: 1,
  false: 2,
  true: 3,
  /** Zero or more, then less than zero. */
  natural: 4,
  negative: 5,
  double: 6,
  /** A text that was not written before, or the number of one that was. */
  text: 7,
  knownText: 8,
  array: 9,
  /** An object without a class: the number of its list of keys, the list if it is new, and the values. */
  record: 10,
  map: 11,
  set: 12,
  bytes: 13,
  /** An instance that was not written before: the number of its class, and the list of its fields if the class is new. Its values come later. */
  instance: 14,
  knownInstance: 15,
  /** An object that both sides have. */
  shared: 16,
  /** Tags from here on are small integers themselves. */
  small: 32,
} as const;

/** The integers that take one byte are those below this. */
export const SMALL = 256 - TAG.small;
