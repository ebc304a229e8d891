/** Serves on workerd. */

import { hostFetch } from "./host.ts";

// The form of a Worker.
export default { fetch: (request: Request): Response | Promise<Response> => hostFetch(request) };
