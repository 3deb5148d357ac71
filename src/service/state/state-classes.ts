/** A class whose instances are part of a state. */
export interface StateClass {
  readonly name: string;
  readonly prototype: object;
  /** Fields that are computed from the others, and are not in a snapshot. */
  readonly derived: readonly string[];
  /** Returns an instance to fill in. */
  readonly make: () => object;
}

/** How a class differs from most. */
export interface ClassOptions {
  readonly derived?: readonly string[];
  /**
   * A constructor call without meaning. For classes with millions of instances and those with `derived`: an instance that was made in the usual way has the
   * hidden class in V8 that the others have, and reads stay fast.
   */
  readonly make?: () => object;
}

type AnyClass = { readonly prototype: object };

/** The classes of a state, by name and by prototype. Two classes may have one name in different files, so the names are given. */
export class StateClasses {
  readonly byName = new Map<string, StateClass>();
  readonly byPrototype = new Map<object, StateClass>();

  constructor(classes: Readonly<Record<string, AnyClass | readonly [AnyClass, ClassOptions]>>) {
    for (const [name, given] of Object.entries(classes)) {
      const [{ prototype }, { derived = [], make = () => Object.create(prototype) }] = isPair(given)
        ? given
        : [given, {}];
      const one = { name, prototype, derived, make };
      this.byName.set(name, one);
      this.byPrototype.set(prototype, one);
    }
  }
}

function isPair(given: AnyClass | readonly [AnyClass, ClassOptions]): given is readonly [AnyClass, ClassOptions] {
  return Array.isArray(given);
}
