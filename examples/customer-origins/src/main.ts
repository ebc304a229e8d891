import { createApp } from "./app.ts";
import { openPostgresStore } from "./postgres-origin-store.ts";
import { openSqliteStore } from "./sqlite-origin-store.ts";

const { DATABASE_URL: connectionString, SQLITE_FILE: file, PORT: port = "8080" } = process.env;
const store = connectionString === undefined ? openSqliteStore(file) : await openPostgresStore({ connectionString });
const server = createApp(store, {
  // Without a reason in the log, a database that is down looks like an origin that is not registered.
  onDecision: ({ decision, error }) => {
    if (decision.code === "decision/lookup-failed") console.error("The origins cannot be looked up:", error);
  },
}).listen(Number(port), () => console.log(`http://localhost:${port}/`));

process.once("SIGINT", () => server.close(() => void store.close()));
