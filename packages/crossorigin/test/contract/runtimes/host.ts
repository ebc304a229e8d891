/** All setups of all fetch servers behind one `fetch`, told apart by the host: `<setup>.<index of the server>.test`. Runs on every runtime. */

import { FETCH_SERVERS } from "../applications/fetch-servers-by-name.ts";
import { type Setup, type SetupName, createSetup, takeJournal } from "../setups.ts";

interface Hosted {
  readonly setup: Setup;
  readonly fetch: (request: Request) => Response | Promise<Response>;
}

const hosted = new Map<string, Hosted>();

export function hostName(setup: SetupName, serverName: string): string {
  return `${setup}.${Object.keys(FETCH_SERVERS).indexOf(serverName)}.test`;
}

function open(host: string): Hosted {
  const [name, index] = host.split(".");
  const server = Object.values(FETCH_SERVERS)[Number(index)];
  if (server === undefined) throw new Error(`No server for ${host}.`);
  const setup = createSetup(name as SetupName);
  const opened = { setup, fetch: server.open(setup) };
  hosted.set(host, opened);
  return opened;
}

/** Whatever is under `/contract/` is for the test, everything else for the application. */
export function hostFetch(request: Request): Response | Promise<Response> {
  const { hostname, pathname } = new URL(request.url);
  const { setup, fetch } = hosted.get(hostname) ?? open(hostname);
  if (!pathname.startsWith("/contract/")) return fetch(request);
  if (pathname === "/contract/user-agent") return new Response(navigator.userAgent);
  if (pathname === "/contract/replace") setup.replace();
  if (pathname === "/contract/dispose") {
    setup.dispose();
    hosted.delete(hostname);
  }
  return Response.json(takeJournal(setup));
}
