/**
 * The command's grammar: commands, options, their help. Completion is generated from the same definitions.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { Argument, Command, Option } from "commander";
import { PROFILES } from "crossorigin/protocol";
import { check } from "./check-command.ts";
import type { CheckOptions } from "./check-request.ts";
import { CONSUMER_NAMES } from "./consumers.data.ts";
import { SHELLS, type Shell, completionScript } from "./completion.ts";
import { type DemoOptions, demo } from "./demo/demo-command.ts";
import { type LintOptions, lint } from "./lint-command.ts";
import { type MigrateOptions, migrateFile } from "./migrate/migrate-command.ts";
import { LIBRARIES } from "./migrate/old-cors.ts";
import { styleFor } from "./style.ts";
import type { Surroundings } from "./surroundings.ts";
import { UsageError } from "./usage-error.ts";

const CHECK_EXAMPLES = `
Examples:
  crossorigin check https://api.example/items
  crossorigin check https://api.example/items --origin https://app.example --credentials include
  crossorigin check https://cdn.example/logo.png --as img --crossorigin anonymous
  crossorigin check https://cdn.example/font.woff2 --as font
  crossorigin check https://api.example/items -X PUT -H 'content-type: application/json' -d '{"n":1}'
  crossorigin check http://api.test:8080/ --resolve api.test:8080:127.0.0.1 --json

Exit status:
  0  the response is shared with the page, or used by the element
  1  it is withheld from the page
  2  wrong usage; nothing was sent
  3  no usable answer from the network

The request is really sent: a granted PUT or DELETE is carried out.`;

const LINT_EXAMPLES = `
Examples:
  crossorigin lint cors.json
  jq .cors settings.json | crossorigin lint -

Exit status: 0 for a sound policy, 1 for a refused one, 2 for a file that cannot be read or is not JSON.`;

const MIGRATE_EXAMPLES = `
Examples:
  crossorigin migrate cors-options.mjs --from express
  crossorigin migrate cors.json --from koa --json
  jq .cors settings.json | crossorigin migrate - --from fastify

A module is run; its export corsOptions, options or cors is read, or else the default one.

Exit status: 0 if nothing was dangerous and all was carried over, 1 if not, 2 for a file that cannot be read or options
that may be several libraries'.`;

const DEMO_EXAMPLES = `
Examples:
  crossorigin demo
  crossorigin demo --serve --page-port 8080

Exit status: 0 if every scenario ended as expected, 1 if not, 2 for a port that cannot be used.`;

const COMPLETION_EXAMPLES = `
Examples:
  source <(crossorigin completion bash)
  crossorigin completion zsh > "\${fpath[1]}/_crossorigin"
  crossorigin completion fish > ~/.config/fish/completions/crossorigin.fish`;

/** The program; `onStatus` gets the exit status of the command that ran. It throws instead of exiting. */
export function createProgram(surroundings: Surroundings, onStatus: (status: number) => void): Command {
  const { stdout, env } = surroundings;
  const program = new Command("crossorigin")
    .description("CORS from the command line: ask a server what a page would ask it, and learn why it fails.")
    .version(packageVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .showSuggestionAfterError()
    .configureHelp({
      styleTitle: (text) => styleFor(stdout, env).paint("title", text),
      helpWidth: styleFor(stdout, env).width,
    })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: () => {},
      getOutHasColors: () => true,
      getErrHasColors: () => true,
    })
    .exitOverride();
  program.addCommand(inherit(checkCommand(surroundings, onStatus), program));
  program.addCommand(inherit(lintCommand(surroundings, onStatus), program));
  program.addCommand(inherit(migrateCommand(surroundings, onStatus), program));
  program.addCommand(inherit(demoCommand(surroundings, onStatus), program));
  program.addCommand(inherit(completionCommand(program, stdout), program));
  return program;
}

function inherit(command: Command, program: Command): Command {
  refuseRepeated(command);
  return command.copyInheritedSettings(program).helpOption("-h, --help", "print this help");
}

/** Of two values one would be ignored without a word. */
function refuseRepeated(command: Command): void {
  for (const option of command.options) {
    if (!option.required || option.parseArg === collect) continue;
    let isGiven = false;
    command.on(`option:${option.name()}`, () => {
      if (isGiven) throw new UsageError(`${option.long} is given twice; there can be one, so leave the other out`);
      isGiven = true;
    });
  }
}

function checkCommand(surroundings: Surroundings, onStatus: (status: number) => void): Command {
  return new Command("check")
    .summary("send what a browser would send for a page, and explain the outcome")
    .description(
      "Sends to URL what a browser would send for a page's script or element, and explains the outcome step by step.",
    )
    .argument("<url>", "http or https URL to fetch")
    .option("-o, --origin <origin>", "the page's origin; null for a sandboxed page (default: a made-up page)")
    .option("--opaque-origin", "the page is sandboxed: its origin is null")
    .addOption(
      new Option(
        "--address-space <space>",
        "where the page came from; then Local Network Access is checked, as if the user agreed",
      ).choices(["public", "local", "loopback"]),
    )
    .option("-X, --request <method>", "the method (default: GET; POST with --data)")
    .option("-H, --header <line>", "a header the page sets, as 'name: value'; repeatable", collect)
    .option("-d, --data <data>", "the body: text, @FILE, or - for standard input")
    .addOption(choice("--as <consumer>", "what the page asks with", CONSUMER_NAMES, "fetch"))
    .addOption(
      new Option("--crossorigin <value>", "the element's attribute (default: none)").choices([
        "anonymous",
        "use-credentials",
        "none",
      ]),
    )
    .option("--integrity <digests>", "the attribute of a script or link, or fetch's option")
    .addOption(
      new Option("--preload-as <destination>", "what a link-preload is for").choices([
        "fetch",
        "font",
        "image",
        "script",
        "style",
        "track",
      ]),
    )
    .option("--upload-listener", "the page listens to xhr.upload, which asks for a preflight")
    .addOption(
      new Option(
        "--credentials <mode>",
        "does fetch, or withCredentials, include credentials? (default: same-origin)",
      ).choices(["include", "same-origin", "omit"]),
    )
    .addOption(
      new Option("--mode <mode>", "fetch's request mode (default: cors)").choices(["cors", "no-cors", "same-origin"]),
    )
    .addOption(
      new Option("--redirect <mode>", "what fetch does with redirects (default: follow)").choices([
        "follow",
        "error",
        "manual",
      ]),
    )
    .addOption(
      choice("--profile <name>", "the standard, or where a browser leaves it", Object.keys(PROFILES), "standard"),
    )
    .option("--resolve <host:port:address>", "connect to this address instead, * for any host; repeatable", collect)
    .option("--cacert <file>", "PEM certificates to trust besides Node.js's built-in ones")
    .option("--cert <file>", "your certificate, and perhaps its key, in PEM, for servers that ask for one")
    .option("--key <file>", "the private key of --cert, in PEM, not encrypted")
    .option("--timeout <seconds>", "give up after this time", "30")
    .option("--json", "print one JSON object")
    .option("-v, --verbose", "show all headers, not only those CORS is about")
    .option("--redact", "leave out what may be secret: queries, cookies, values of headers CORS is not about")
    .addHelpText("after", CHECK_EXAMPLES)
    .action(async (url: string, options: CheckOptions) => onStatus(await check(url, options, surroundings)));
}

function lintCommand(surroundings: Surroundings, onStatus: (status: number) => void): Command {
  return new Command("lint")
    .summary("check a CORS policy in JSON")
    .description("Checks a crossorigin policy in JSON and prints every issue with its place and a suggestion.")
    .argument("<file>", "JSON file, or - for standard input")
    .option("--json", "print one JSON object")
    .addHelpText("after", LINT_EXAMPLES)
    .action(async (file: string, options: LintOptions) => onStatus(await lint(file, options, surroundings)));
}

function migrateCommand(surroundings: Surroundings, onStatus: (status: number) => void): Command {
  return new Command("migrate")
    .summary("turn another library's options into a policy")
    .description(
      "Turns the options of expressjs/cors, @fastify/cors, @koa/cors or hono/cors into a policy, and says what will be different and what was dangerous.",
    )
    .argument("<file>", "JSON file, JavaScript or TypeScript module, or - for JSON from standard input")
    .addOption(new Option("--from <library>", "whose options they are (default: guessed)").choices(LIBRARIES))
    .option("--json", "print one JSON object")
    .addHelpText("after", MIGRATE_EXAMPLES)
    .action(async (file: string, options: MigrateOptions) => onStatus(await migrateFile(file, options, surroundings)));
}

function demoCommand(surroundings: Surroundings, onStatus: (status: number) => void): Command {
  return new Command("demo")
    .summary("see a browser-like client meet real servers")
    .description(
      "Starts servers on loopback and plays the classic CORS scenarios against them, each with its explanation.",
    )
    .option("--serve", "then keep the servers up, for a browser")
    .option("--page-port <port>", "port of the page's server (default: any free one)")
    .option("--resource-port <port>", "port of the resources' server (default: any free one)")
    .addHelpText("after", DEMO_EXAMPLES)
    .action(async (options: DemoOptions) => onStatus(await demo(options, surroundings)));
}

function completionCommand(program: Command, stdout: Surroundings["stdout"]): Command {
  return new Command("completion")
    .summary("print a completion script for a shell")
    .description("Prints a script that teaches a shell this command's words.")
    .addArgument(new Argument("<shell>", "the shell").choices(SHELLS))
    .addHelpText("after", COMPLETION_EXAMPLES)
    .action((shell: Shell) => void stdout.write(completionScript(shell, program)));
}

function choice(flags: string, description: string, choices: readonly string[], byDefault: string): Option {
  return new Option(flags, description).choices(choices).default(byDefault);
}

function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}

function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "unknown";
}
