/**
 * Internal slots: what an object carries out of the reach of page code.
 *
 * Choice: a private field put on an object that is there already. A `WeakMap` does the same, but costs the garbage
 * collector much for every object; of a request there are half a dozen.
 *
 * @see https://tc39.es/ecma262/#sec-object-internal-methods-and-internal-slots
 * @module
 */

/** Does what a `WeakMap` of the same name would. */
export interface InternalSlot<Value> {
  /** Undefined for what does not have the slot. */
  get(target: unknown): Value | undefined;
  has(target: unknown): boolean;
  set(target: object, value: Value): void;
}

/** A constructor that gives back its argument, so that a field of a derived class goes onto that. */
const Target = function (target: object): object {
  return target;
} as unknown as new (target: object) => object;

/** A slot unlike all others. */
export function createInternalSlot<Value>(): InternalSlot<Value> {
  return class Slot extends Target {
    #value: Value;

    constructor(target: object, value: Value) {
      super(target);
      this.#value = value;
    }

    static get(target: unknown): Value | undefined {
      return Slot.has(target) ? target.#value : undefined;
    }

    static has(target: unknown): target is Slot {
      return typeof target === "object" && target !== null && #value in target;
    }

    static set(target: object, value: Value): void {
      if (#value in target) target.#value = value;
      else new Slot(target, value);
    }
  };
}
