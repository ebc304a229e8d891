import { execFile, spawn } from "node:child_process";
import { chownSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

export interface PostgresServer {
  /** The folder of its socket, which `pg` takes as the host. */
  readonly host: string;
  stop(): Promise<void>;
}

const run = promisify(execFile);

/** The commands of Debian's newest PostgreSQL; undefined if there is none. */
export function findPostgres(): string | undefined {
  const [initdb] = globSync("/usr/lib/postgresql/*/bin/initdb").toSorted((a, b) =>
    b.localeCompare(a, "en", { numeric: true }),
  );
  return initdb === undefined ? undefined : dirname(initdb);
}

/** A server of its own in a temporary folder, reached by a socket there and by nothing else. */
export async function startPostgres(bin: string): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), "origins-"));
  const account = await unprivilegedAccount();
  if (account.uid !== undefined && account.gid !== undefined) chownSync(folder, account.uid, account.gid);
  const data = join(folder, "data");
  const options = { ...account, cwd: folder };
  const initial = ["--pgdata", data, "--username", "postgres", "--auth", "trust", "--no-sync", "--locale", "C"];
  await run(join(bin, "initdb"), initial, options);
  const settings = ["-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"];
  const server = spawn(join(bin, "postgres"), ["-D", data, ...settings], {
    ...options,
    stdio: ["ignore", "ignore", "pipe"],
  });
  await new Promise<void>((resolve, reject) => {
    let log = "";
    server.stderr.setEncoding("utf8").on("data", (text: string) => {
      log += text;
      if (log.includes("ready to accept connections")) resolve();
    });
    server.once("error", reject);
    server.once("exit", () => reject(new Error(`PostgreSQL did not start:\n${log}`)));
  });
  return {
    host: folder,
    stop: () =>
      new Promise((resolve) => {
        server.once("exit", () => {
          rmSync(folder, { recursive: true, force: true });
          resolve();
        });
        // A fast shutdown.
        server.kill("SIGINT");
      }),
  };
}

/** PostgreSQL refuses to run as root, so then it runs as Debian's user for it, or as nobody. */
async function unprivilegedAccount(): Promise<{ uid?: number; gid?: number }> {
  if (process.getuid?.() !== 0) return {};
  const idOf = async (option: string): Promise<number> => {
    const { stdout } = await run("id", [option, "postgres"]).catch(() => run("id", [option, "nobody"]));
    return Number(stdout);
  };
  return { uid: await idOf("-u"), gid: await idOf("-g") };
}
