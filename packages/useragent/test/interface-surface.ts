/** What page code can find out about interfaces without calling anything: names, lengths and attributes of their properties. */

export const INTERFACE_NAMES = [
  "fetch",
  "sendBeacon",
  "Request",
  "Response",
  "Headers",
  "XMLHttpRequest",
  "XMLHttpRequestUpload",
  "XMLHttpRequestEventTarget",
  "EventSource",
  "WebSocket",
  "ProgressEvent",
] as const;

/** By property; symbols are `@@` and their description. Methods are `method NAME/LENGTH`, constants `constant VALUE`; `wec` are the attributes. */
type Properties = Readonly<Record<string, string>>;

export interface InterfaceSurface {
  readonly name: string;
  readonly length: number;
  /** The name of the interface that it inherits from; null for none. */
  readonly inherits: string | null;
  readonly statics: Properties;
  readonly prototype: Properties;
}

/** Functions are `method NAME/LENGTH`. */
export type Surface = Readonly<Record<string, InterfaceSurface | string>>;

/** Runs in the browser's page, too: uses nothing from outside. `members` are the globals of a page. */
export function collectSurface(
  members: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Record<string, InterfaceSurface | string> {
  const functionOf = (value: unknown): string => {
    const { name, length } = value as { readonly name: string; readonly length: number };
    return `${name}/${length}`;
  };
  const textOf = (descriptor: PropertyDescriptor): string => {
    const flags = ["writable", "enumerable", "configurable"]
      .filter((name) => Reflect.get(descriptor, name) === true)
      .map((name) => name.charAt(0))
      .join("");
    const accessors = ["get", "set"].map((name): unknown => Reflect.get(descriptor, name)).filter(Boolean);
    if (accessors.length > 0) return `${accessors.map(functionOf).join(", ")} ${flags}`;
    const value: unknown = descriptor.value;
    if (typeof value === "function") return `method ${functionOf(value)} ${flags}`;
    return `constant ${typeof value === "object" ? "object" : JSON.stringify(value)} ${flags}`;
  };
  const propertiesOf = (target: object, left: readonly string[]): Record<string, string> => {
    const found: Record<string, string> = {};
    for (const key of Reflect.ownKeys(target)) {
      const name = typeof key === "string" ? key : `@@${String(key.description).replace("Symbol.", "")}`;
      const descriptor = Reflect.getOwnPropertyDescriptor(target, key);
      if (descriptor !== undefined && !left.includes(name)) found[name] = textOf(descriptor);
    }
    return found;
  };
  const surfaceOf = (value: unknown): InterfaceSurface | string => {
    if (typeof value !== "function") return typeof value;
    const prototype: unknown = Reflect.get(value, "prototype");
    if (typeof prototype !== "object" || prototype === null) return `method ${functionOf(value)}`;
    const parent = Object.getPrototypeOf(value) as { readonly name: string };
    return {
      name: value.name,
      length: value.length,
      inherits: parent === Function.prototype ? null : parent.name,
      statics: propertiesOf(value, ["name", "length", "prototype"]),
      prototype: propertiesOf(prototype, []),
    };
  };
  return Object.fromEntries(names.map((name) => [name, surfaceOf(members[name])]));
}
