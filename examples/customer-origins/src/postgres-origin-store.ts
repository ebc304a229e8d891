import pg from "pg";
import type { OriginStore } from "./origin-store.ts";

/** The same in PostgreSQL, for a product that runs in several processes. */
export async function openPostgresStore(config: pg.PoolConfig): Promise<OriginStore> {
  const pool = new pg.Pool(config);
  // A connection that breaks while nobody uses it is replaced; without a listener the process would end.
  pool.on("error", (error) => process.emitWarning(error));
  await pool.query(`
    CREATE TABLE IF NOT EXISTS origins (customer text, origin text COLLATE "C", PRIMARY KEY (customer, origin));
    CREATE INDEX IF NOT EXISTS origins_by_origin ON origins (origin);
  `);
  const changed = async (sql: string, values: string[]): Promise<boolean> =>
    ((await pool.query(sql, values)).rowCount ?? 0) > 0;
  return {
    add: (customer, origin) =>
      changed("INSERT INTO origins VALUES ($1, $2) ON CONFLICT DO NOTHING", [customer, origin]),
    remove: (customer, origin) =>
      changed("DELETE FROM origins WHERE customer = $1 AND origin = $2", [customer, origin]),
    has: (origin) => changed("SELECT 1 FROM origins WHERE origin = $1 LIMIT 1", [origin]),
    list: async (customer) => {
      const sql = "SELECT origin FROM origins WHERE customer = $1 ORDER BY origin";
      return (await pool.query<{ origin: string }>(sql, [customer])).rows.map(({ origin }) => origin);
    },
    close: () => pool.end(),
  };
}
