/** The three engines: where their programs are, which packages hold them, and how they start with a page's URL, loopback only. */

import { execFileSync } from "node:child_process";
import { X509Certificate, createHash } from "node:crypto";
import { accessSync, constants, globSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Certificate } from "../certificate.ts";
import { type AddressSpace, addressSpaces, localNetworkPermissions } from "../local-network.ts";
import { HOSTNAMES, Names, type Ports } from "../names.ts";
import type { ScriptedServer } from "../scripted-server.ts";
import { type RunningBrowser, createProfileFolder, running, spawnGroup } from "./browser.ts";
import { startSocksServer } from "./socks.ts";
import { CHROMIUM_FLAGS, findChromium } from "../../../scripts/ensure-chromium.mjs";

export interface Engine {
  readonly title: string;
  /** Debian's. */
  readonly packages: readonly string[];
  /** The program, or null if it is not installed. */
  find(): string | null;
  version(program: string): string;
  launch(program: string, url: string, server: ScriptedServer, certificate: Certificate): Promise<RunningBrowser>;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function onPath(...names: readonly string[]): string | null {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable) ?? null;
}

function versionOf(program: string): string {
  return versionIn(program, ["--version"]);
}

function versionIn(command: string, values: readonly string[]): string {
  const text = execFileSync(command, values, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  return /\d+(?:\.\d+)+/.exec(text)?.[0] ?? "unknown";
}

/** Every name of ours is loopback, and every other one is unknown. */
const CHROMIUM_HOSTS = [
  "MAP *.example 127.0.0.1",
  "MAP *.example. 127.0.0.1",
  "MAP *.other 127.0.0.1",
  "MAP *.test 127.0.0.1",
  "MAP *.jp 127.0.0.1",
  "MAP *.local 127.0.0.1",
  "MAP * ~NOTFOUND",
  "EXCLUDE 127.0.0.1",
  "EXCLUDE 127.9.0.1",
  "EXCLUDE ::1",
  "EXCLUDE ::ffff:7f00:1",
  "EXCLUDE localhost",
  "EXCLUDE *.localhost",
].join(", ");

/** As the switch of Chromium and the preferences of Firefox want them: `127.0.0.1:8080`. */
function endpointsOf(space: AddressSpace, ports: Ports): readonly string[] {
  return Object.entries(addressSpaces(ports)).flatMap(([endpoint, known]) => (known === space ? [endpoint] : []));
}

const PERMISSION_NAMES = ["loopback-network", "local-network"] as const;

/** As the profile of a user who has decided. */
function writeChromiumPermissions(folder: string, names: Names): void {
  const exceptions = Object.fromEntries(
    Object.entries(localNetworkPermissions(names)).map(([origin, state]) => [
      `${origin},*`,
      { setting: state === "granted" ? 1 : 2 },
    ]),
  );
  const all = Object.fromEntries(PERMISSION_NAMES.map((name) => [name.replace("-", "_"), exceptions]));
  mkdirSync(join(folder, "Default"), { recursive: true });
  writeFileSync(
    join(folder, "Default/Preferences"),
    JSON.stringify({ profile: { content_settings: { exceptions: all } } }),
  );
}

const chromium: Engine = {
  title: "Chromium",
  packages: ["chromium"],
  find: () => findChromium() ?? null,
  version: versionOf,
  launch: (program, url, { ports }, { cert }) => {
    const folder = createProfileFolder();
    writeChromiumPermissions(folder, new Names(ports, "/"));
    // Any certificate would do with --ignore-certificate-errors, but that turns the HTTP cache off.
    const key = new X509Certificate(cert).publicKey.export({ type: "spki", format: "der" });
    const spawned = spawnGroup(
      program,
      [
        ...CHROMIUM_FLAGS,
        `--user-data-dir=${folder}`,
        `--ignore-certificate-errors-spki-list=${createHash("sha256").update(key).digest("base64")}`,
        `--host-resolver-rules=${CHROMIUM_HOSTS}`,
        `--ip-address-space-overrides=${Object.entries(addressSpaces(ports))
          .map((entry) => entry.join("="))
          .join(",")}`,
        url,
      ],
      { ...process.env, HOME: join(folder, "home") },
    );
    return Promise.resolve(running([spawned], folder));
  },
};

/** An X server of its own, on a display that is free. */
async function startScreen(): Promise<{ readonly screen: ReturnType<typeof spawnGroup>; readonly display: string }> {
  const screen = spawnGroup(
    onPath("Xvfb") ?? "Xvfb",
    ["-displayfd", "3", "-screen", "0", "800x600x24", "-nolisten", "tcp"],
    process.env,
  );
  const display = await new Promise<string>((resolve, reject) => {
    screen.child.stdio[3]?.once("data", (data: Buffer) => resolve(`:${data.toString().trim()}`));
    void screen.ended.then(() => reject(new Error("Xvfb did not start.")));
  });
  return { screen, display };
}

const NOWHERE = "http://127.0.0.1:9/";

const FIREFOX_PREFERENCES: Readonly<Record<string, string | number | boolean>> = {
  "app.normandy.enabled": false,
  "app.update.enabled": false,
  "browser.aboutwelcome.enabled": false,
  "browser.safebrowsing.blockedURIs.enabled": false,
  "browser.safebrowsing.downloads.enabled": false,
  "browser.safebrowsing.malware.enabled": false,
  "browser.safebrowsing.phishing.enabled": false,
  "browser.search.update": false,
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.homepage_override.mstone": "ignore",
  "datareporting.policy.dataSubmissionEnabled": false,
  "datareporting.policy.dataSubmissionPolicyBypassNotification": true,
  "dom.push.enabled": false,
  "dom.security.https_first": false,
  "extensions.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "network.dns.localDomains": HOSTNAMES.filter((name) => /[a-z]\.?$/.test(name)).join(","),
  "network.http.speculative-parallel-limit": 0,
  "network.trr.mode": 5,
  // 2 is no: nobody is there to be asked.
  "permissions.default.local-network": 2,
  "permissions.default.loopback-network": 2,
  "services.settings.server": NOWHERE,
  "termsofuse.bypassNotification": true,
  "toolkit.telemetry.enabled": false,
  "toolkit.telemetry.server": NOWHERE,
  "webgl.force-enabled": true,
};

function firefoxPermissions(names: Names): string {
  const lines = Object.entries(localNetworkPermissions(names)).flatMap(([origin, state]) =>
    PERMISSION_NAMES.map((name) => `origin\t${name}\t${state === "granted" ? 1 : 2}\t${origin}\n`),
  );
  return lines.join("");
}

const firefox: Engine = {
  title: "Firefox",
  packages: ["firefox-esr", "xvfb", "xauth", "libgl1-mesa-dri"],
  find: () => (onPath("Xvfb") === null ? null : onPath("firefox-esr", "firefox")),
  version: versionOf,
  launch: async (program, url, { ports }, { cert }) => {
    const folder = createProfileFolder();
    const permissions = join(folder, "permissions");
    writeFileSync(permissions, firefoxPermissions(new Names(ports, "/")));
    const preferences = {
      ...FIREFOX_PREFERENCES,
      "network.lna.address_space.public.override": endpointsOf("public", ports).join(","),
      "network.lna.address_space.private.override": endpointsOf("local", ports).join(","),
      "permissions.manager.defaultsUrl": `file://${permissions}`,
    };
    const lines = Object.entries(preferences).map(
      ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
    );
    writeFileSync(join(folder, "user.js"), lines.join(""));
    const print = new X509Certificate(cert).fingerprint256;
    const exceptions = HOSTNAMES.flatMap((host) =>
      [ports.https, ports.otherHttps, ports.http2, ports.publicHttps, ports.localHttps].map(
        (port) => `${host}:${port}:\tOID.2.16.840.1.101.3.4.2.1\t${print}\t\n`,
      ),
    );
    writeFileSync(join(folder, "cert_override.txt"), exceptions.join(""));
    // Headless, but WebGL takes a display.
    const { screen, display } = await startScreen();
    const env = { ...process.env, DISPLAY: display, HOME: folder, MOZ_CRASHREPORTER_DISABLE: "1" };
    const spawned = spawnGroup(program, ["--headless", "--no-remote", "--profile", folder, url], env);
    return running([spawned, screen], folder);
  },
};

const webkit: Engine = {
  title: "WebKitGTK",
  packages: ["webkit2gtk-driver", "xvfb", "xauth", "libgl1-mesa-dri", "gstreamer1.0-plugins-good"],
  find: () =>
    onPath("Xvfb") === null
      ? null
      : (globSync("/usr/lib/*/webkit2gtk-4.1/MiniBrowser").find(isExecutable) ?? onPath("MiniBrowser")),
  // The program itself tells only whom it can show a window.
  version: () => versionIn("dpkg-query", ["--show", "--showformat=${Version}", "libwebkit2gtk-4.1-0"]),
  launch: async (program, url) => {
    const folder = createProfileFolder();
    const socks = await startSocksServer();
    const { screen, display } = await startScreen();
    const env = {
      PATH: process.env["PATH"],
      DISPLAY: display,
      HOME: join(folder, "home"),
      XDG_DATA_HOME: join(folder, "data"),
      XDG_CACHE_HOME: join(folder, "cache"),
      XDG_CONFIG_HOME: join(folder, "config"),
      XDG_RUNTIME_DIR: join(folder, "run"),
      GSETTINGS_BACKEND: "memory",
      LC_ALL: "en_US.UTF-8",
    };
    const proxy = `--proxy=socks5://127.0.0.1:${socks.port}`;
    const spawned = spawnGroup(program, ["--ignore-tls-errors", proxy, url], env);
    const browser = running([spawned, screen], folder);
    return {
      ended: browser.ended,
      close: async () => {
        await browser.close();
        socks.close();
      },
    };
  },
};

export const ENGINE_PROGRAMS = { chromium, firefox, webkit } as const;

const INSTALL_MILLISECONDS = 300_000;

/** Installs Debian's packages if this process may; false if it may not, or could not. */
export function install({ title, packages }: Engine): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0 || onPath("apt-get") === null) return false;
  console.error(`No ${title} found: installing Debian's (apt-get install ${packages.join(" ")}) …`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  try {
    execFileSync("apt-get", ["update", "-qq"], {
      env,
      timeout: INSTALL_MILLISECONDS,
      stdio: ["ignore", "ignore", "inherit"],
    });
    const values = ["install", "-qq", "-y", "--no-install-recommends", ...packages];
    execFileSync("apt-get", values, { env, timeout: INSTALL_MILLISECONDS, stdio: ["ignore", "ignore", "inherit"] });
    return true;
  } catch (error) {
    console.error(`The installation failed: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}
