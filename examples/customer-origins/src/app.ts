// Express 5 hands on what an async handler rejects with.
/* oxlint-disable oxc/no-async-endpoint-handlers */
import { type CorsOptions, cors } from "crossorigin/express";
import express, { type Express } from "express";
import type { OriginStore } from "./origin-store.ts";
import { createCustomerPolicy, parseRegisteredOrigin } from "./policy.ts";

/**
 * `/api` is for the pages of customers; `/customers` for the product's own pages, which have the server's origin and need no CORS.
 * Who may change which customer's origins is for the product's login to say, which is left out here.
 */
export function createApp(store: OriginStore, options: CorsOptions = {}): Express {
  const { policy, forget } = createCustomerPolicy(store);
  const app = express();
  app.use("/api", cors(policy, options));
  app.use(express.json({ limit: "4kb" }));

  app
    .route("/customers/:id/origins")
    .get(async (request, response) => {
      response.json({ origins: await store.list(request.params.id) });
    })
    .post(async (request, response) => {
      const body = request.body as { readonly origin?: unknown } | undefined;
      const parsed = parseRegisteredOrigin(body?.origin);
      if (!parsed.ok) {
        response.status(422).json({ issues: parsed.issues });
        return;
      }
      const isNew = await store.add(request.params.id, parsed.origin);
      // The answer that is kept may be "no".
      forget(parsed.origin);
      response.status(isNew ? 201 : 200).json({ origin: parsed.origin });
    })
    .delete(async (request, response) => {
      const { origin } = request.query;
      if (typeof origin !== "string") {
        response.status(400).json({ issues: [{ code: "example/origin-missing", message: "Send ?origin=…" }] });
        return;
      }
      const isGone = await store.remove(request.params.id, origin);
      // First the store, then what is kept of it: the next request asks the store.
      forget(origin);
      response.status(isGone ? 204 : 404).end();
    });

  app.get("/api/items", (_request, response) => {
    response.json({ items: ["one", "two"] });
  });
  return app;
}
