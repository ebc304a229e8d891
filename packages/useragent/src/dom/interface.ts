/**
 * Interfaces as page code finds them: what their constructors and prototypes have, and how many arguments are needed.
 *
 * @see https://webidl.spec.whatwg.org/#js-interfaces
 * @module
 */

interface Interface {
  readonly name: string;
  readonly prototype: object;
}

/** Gives a function the `length` of the Web IDL: how many arguments it needs, whatever its declaration counts. */
export function defineLength(target: object, length: number): void {
  Object.defineProperty(target, "length", { value: length, configurable: true });
}

/** Members of an interface can be iterated over, unlike those of a class. @see https://webidl.spec.whatwg.org/#js-attributes */
export function makeMembersEnumerable(target: object, left: readonly string[] = ["constructor"]): void {
  for (const name of Object.getOwnPropertyNames(target))
    if (!left.includes(name)) Object.defineProperty(target, name, { enumerable: true });
}

/** Makes of a class what an interface is. `lengths` are those of methods whose declaration counts otherwise. */
export function finishInterface(
  target: Interface,
  length: number,
  lengths: Readonly<Record<string, number>> = {},
): void {
  const { name, prototype } = target;
  defineLength(target, length);
  for (const [method, needed] of Object.entries(lengths))
    defineLength(Reflect.get(prototype, method) as object, needed);
  makeMembersEnumerable(prototype);
  makeMembersEnumerable(target, ["length", "name", "prototype"]);
  Object.defineProperty(prototype, Symbol.toStringTag, { value: name, configurable: true });
}

/** On the constructor and on its prototype. @see https://webidl.spec.whatwg.org/#define-the-constants */
export function defineConstants(target: Interface, constants: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(constants)) {
    Object.defineProperty(target, name, { value, enumerable: true });
    Object.defineProperty(target.prototype, name, { value, enumerable: true });
  }
}

/**
 * A page's own constructor and prototype, with all members of `base`, for what differs from page to page.
 *
 * @param argumentsOf - what `base` is constructed with when page code gives these arguments
 * @param parent - the interface that it inherits from; null for none. What is between it and `base` is a mixin
 */
export function createPageInterface(
  base: new (...given: never[]) => object,
  parent: Interface | null,
  argumentsOf: (given: readonly unknown[]) => readonly unknown[],
): unknown {
  // oxlint-disable-next-line no-extraneous-class -- its members are copied
  const exposed = class {
    constructor(...given: unknown[]) {
      // oxlint-disable-next-line no-constructor-return -- the object that the class of all pages makes
      return Reflect.construct(base, argumentsOf(given), new.target) as object;
    }
  };
  Object.defineProperty(exposed, "name", { value: base.name, configurable: true });
  if (parent !== null) Object.setPrototypeOf(exposed, parent);
  const end = parent?.prototype ?? Object.prototype;
  Object.setPrototypeOf(exposed.prototype, end);
  copyMembers(base, exposed);
  for (let from = base.prototype as object; from !== end; from = Object.getPrototypeOf(from) as object)
    copyMembers(from, exposed.prototype);
  return exposed;
}

/** `length` is taken over; what is there otherwise stays. */
function copyMembers(from: object, to: object): void {
  for (const key of Reflect.ownKeys(from)) {
    const descriptor = Reflect.getOwnPropertyDescriptor(from, key);
    if (descriptor !== undefined && (key === "length" || !Object.hasOwn(to, key)))
      Object.defineProperty(to, key, descriptor);
  }
}
