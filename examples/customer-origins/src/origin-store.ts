/** Where the product keeps the origins that its customers have registered. */
export interface OriginStore {
  /** False if the customer had it already. */
  add: (customer: string, origin: string) => Promise<boolean>;
  /** False if the customer did not have it. */
  remove: (customer: string, origin: string) => Promise<boolean>;
  /** In alphabetical order. */
  list: (customer: string) => Promise<string[]>;
  /** Does any customer have it? */
  has: (origin: string) => Promise<boolean>;
  close: () => Promise<void>;
}
