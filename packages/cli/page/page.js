// The demonstration's page: runs every scenario in this browser, one after the other, and shows what its script saw.
// The oracle test reads `crossoriginDemo`.

/**
 * @typedef {object} Scenario
 * @property {string} id
 * @property {string} title
 * @property {string} story
 * @property {string} url
 * @property {RequestInit} init
 * @property {{ verdict: string, code: string | null, preflight: string, wire: string[], body: string | null }} expected
 * @property {{ verdict: string, code: string | null, summary: string, fixes: { server: Fix[], client: Fix[] } }} explanation
 */
/** @typedef {{ text: string, headers: string[] }} Fix */
/** @typedef {{ kind: "response", type: string, status: number, body: string, headers: string[] } | { kind: "error", name: string }} Saw */
/** @typedef {{ id: string, saw: Saw, wire: string[], differences: string[] }} Result */

/** @param {ParentNode} parent @param {string} selector @returns {HTMLElement} */
function find(parent, selector) {
  const element = parent.querySelector(selector);
  if (!(element instanceof HTMLElement)) throw new Error(`There is no ${selector}.`);
  return element;
}

/** @param {string} path @returns {Promise<unknown>} */
async function getJson(path) {
  const response = await fetch(path, { cache: "no-store" });
  return response.json();
}

async function getLog() {
  return /** @type {string[]} */ (await getJson("/log.json"));
}

/** @param {Scenario} scenario @param {number} load @returns {Promise<Saw>} */
async function see({ url, init }, load) {
  try {
    // A preflight cache of an earlier load knows the plain URL already.
    const response = await fetch(load > 1 ? `${url}?load=${load}` : url, init);
    const body = await response.text();
    return {
      kind: "response",
      type: response.type,
      status: response.status,
      body,
      headers: [...response.headers.keys()],
    };
  } catch (error) {
    return { kind: "error", name: error instanceof Error ? error.name : String(error) };
  }
}

/** Which verdict this is, as far as a script can tell. @param {Saw} saw */
function verdictOf(saw) {
  return saw.kind === "response" && saw.type !== "opaque" ? "shared" : "not shared";
}

/** @param {Scenario} scenario @param {Saw} saw @param {string[]} wire @param {number} load */
function differencesOf({ expected }, saw, wire, load) {
  const differences = [];
  const wanted = expected.verdict === "shared" ? "shared" : "not shared";
  if (verdictOf(saw) !== wanted) differences.push(`The response was expected to be ${wanted}.`);
  if (wire.join() !== expected.wire.join())
    differences.push(`The server was expected to see: ${expected.wire.join(", ") || "nothing"}.`);
  const body = saw.kind === "response" && saw.type !== "opaque" ? saw.body : null;
  // Cookies of an earlier load go on counting.
  if (load === 1 && body !== expected.body)
    differences.push(`The script was expected to read ${JSON.stringify(expected.body)}.`);
  return differences;
}

/** @param {Scenario} scenario */
function scriptOf({ url, init }) {
  const entries = Object.entries(init);
  if (entries.length === 0) return `await fetch("${url}")`;
  return `await fetch("${url}", {\n${entries.map(([name, value]) => `  ${name}: ${JSON.stringify(value)},`).join("\n")}\n})`;
}

/** @param {Saw} saw */
function describe(saw) {
  if (saw.kind === "error") return `${saw.name}, and nothing else`;
  if (saw.type === "opaque") return `an opaque response: status ${saw.status}, no headers, no body`;
  const headers = saw.headers.length === 0 ? "no header" : saw.headers.join(", ");
  return `status ${saw.status}, body ${JSON.stringify(saw.body)}, headers: ${headers}`;
}

/** @param {Scenario} scenario @param {HTMLTemplateElement} template */
function card(scenario, template) {
  const section = find(/** @type {DocumentFragment} */ (template.content.cloneNode(true)), "section");
  section.id = scenario.id;
  find(section, ".title").textContent = scenario.title;
  find(section, ".mark").textContent = "waiting";
  find(section, ".story").textContent = scenario.story;
  find(section, ".script").textContent = scriptOf(scenario);
  const { code, summary, fixes } = scenario.explanation;
  const reason = document.createElement("code");
  reason.className = "reason";
  reason.textContent = code ?? "";
  find(section, ".says").append(summary, " ", reason);
  const all = [...fixes.server, ...fixes.client];
  find(section, "details").hidden = all.length === 0;
  for (const { text, headers } of all) {
    const item = document.createElement("li");
    const lines = document.createElement("span");
    lines.className = "headers";
    lines.textContent = headers.join("\n");
    item.append(text, lines);
    find(section, ".fixes").append(item);
  }
  return section;
}

/** @param {HTMLElement} section @param {Result} result */
function show(section, { saw, wire, differences }) {
  const isRead = verdictOf(saw) === "shared";
  const mark = find(section, ".mark");
  mark.textContent = isRead ? "shared" : "not shared";
  mark.dataset["read"] = isRead ? "yes" : "no";
  find(section, ".saw").textContent = describe(saw);
  find(section, ".wire").textContent = wire.length === 0 ? "nothing" : wire.join("\n");
  find(section, ".differences").textContent = differences.join(" ");
  section.dataset["expected"] = differences.length === 0 ? "yes" : "no";
}

async function main() {
  const played = /** @type {{ load: number, origin: string, scenarios: Scenario[] }} */ (
    await getJson("/scenarios.json")
  );
  const { load, origin, scenarios } = played;
  const template = document.querySelector("#scenario");
  if (!(template instanceof HTMLTemplateElement)) throw new Error("There is no template.");
  find(document, "#origin").textContent = origin;
  find(document, "#again").addEventListener("click", () => location.reload());
  const sections = scenarios.map((scenario) => card(scenario, template));
  find(document, "#scenarios").append(...sections);
  /** @type {Result[]} */
  const results = [];
  for (const [index, scenario] of scenarios.entries()) {
    const before = (await getLog()).length;
    const saw = await see(scenario, load);
    const wire = (await getLog()).slice(before);
    const result = { id: scenario.id, saw, wire, differences: differencesOf(scenario, saw, wire, load) };
    results.push(result);
    const section = sections[index];
    if (section !== undefined) show(section, result);
  }
  const unexpected = results.filter(({ differences }) => differences.length > 0).length;
  find(document, "#sum").textContent =
    unexpected === 0
      ? `All ${results.length} scenarios ended as expected in this browser.`
      : `${unexpected} of ${results.length} scenarios did not end as expected.`;
  Object.assign(globalThis, { crossoriginDemo: results });
  document.documentElement.dataset["state"] = "done";
}

await main();
