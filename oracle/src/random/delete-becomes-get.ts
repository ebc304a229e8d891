/** A DELETE that becomes a GET where it is redirected to another origin, which is as if the redirect had the status 303. */

import type { Scenario, ScriptedResponse, ScriptedRoutes, Step } from "../scenario.ts";

/** The same scenario, in which a DELETE gets 303 wherever it is redirected to another origin. */
export function withSeeOtherForDelete(scenario: Scenario): Scenario {
  const { server = {}, steps } = scenario;
  const origins = originsOf(server, steps);
  const routes = Object.entries(server).map(([resource, byMethod]): [string, ScriptedRoutes[string]] => {
    const [answer] = byMethod["*"] ?? [];
    const target = answer === undefined ? null : targetOf(answer);
    if (answer === undefined || target === null || target.origin === origins.get(resource)) return [resource, byMethod];
    return [resource, { ...byMethod, DELETE: [{ ...answer, status: 303 }] }];
  });
  return { ...scenario, server: Object.fromEntries(routes) };
}

/** Where every resource is asked for: the generator gives each one of its own to every hop. */
function originsOf(server: ScriptedRoutes, steps: readonly Step[]): ReadonlyMap<string, string> {
  const urls = steps
    .flatMap((step) => ("frame" in step ? step.steps : [step]))
    .flatMap((step) => ("xhr" in step ? [step.xhr] : "fetch" in step ? [step.fetch] : []));
  const answers = Object.values(server).flatMap((byMethod) => byMethod["*"] ?? []);
  const targets = [...urls.map(parse), ...answers.map(targetOf)].filter((target) => target !== null);
  return new Map(targets.map(({ origin, resource }) => [resource, origin]));
}

function targetOf({ headers = [] }: ScriptedResponse): ReturnType<typeof parse> {
  const location = headers.find((line) => line.startsWith("Location: "));
  return location === undefined ? null : parse(location);
}

function parse(text: string): { readonly origin: string; readonly resource: string } | null {
  const [, origin, resource] = /\{(\w+)\}(\w+)$/.exec(text) ?? [];
  return origin === undefined || resource === undefined ? null : { origin, resource };
}
