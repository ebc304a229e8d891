import { DatabaseSync } from "node:sqlite";
import type { OriginStore } from "./origin-store.ts";

/** In a file, or in memory: the default. */
export function openSqliteStore(path = ":memory:"): OriginStore {
  const database = new DatabaseSync(path);
  database.exec(`
    CREATE TABLE IF NOT EXISTS origins (customer TEXT, origin TEXT, PRIMARY KEY (customer, origin)) STRICT;
    CREATE INDEX IF NOT EXISTS origins_by_origin ON origins (origin);
  `);
  const add = database.prepare("INSERT INTO origins VALUES (?, ?) ON CONFLICT DO NOTHING");
  const remove = database.prepare("DELETE FROM origins WHERE customer = ? AND origin = ?");
  const list = database.prepare("SELECT origin FROM origins WHERE customer = ? ORDER BY origin");
  const has = database.prepare("SELECT 1 FROM origins WHERE origin = ? LIMIT 1");
  return {
    add: async (customer, origin) => add.run(customer, origin).changes > 0,
    remove: async (customer, origin) => remove.run(customer, origin).changes > 0,
    list: async (customer) => list.all(customer).map((row) => String(row["origin"])),
    has: async (origin) => has.get(origin) !== undefined,
    close: async () => database.close(),
  };
}
