import { createPolicy } from "../../src/index.ts";

createPolicy({ origins: "*" });
createPolicy({ origins: "*", credentials: false });
createPolicy({ origins: ["https://app.example"], credentials: true });
createPolicy({ origins: "*", credentials: true, dangerouslyReflectAnyOrigin: true });
// @ts-expect-error -- any origin and credentials together need the danger's name
createPolicy({ origins: "*", credentials: true });
// @ts-expect-error -- a policy has origins
createPolicy({ credentials: true });
// @ts-expect-error -- seconds are a number
createPolicy({ origins: "*", maxAgeSeconds: "600" });
createPolicy({ origins: ["https://app.example"], dangerouslyReflectAnyOrigin: false });
// @ts-expect-error -- a list of origins and the reflection of any exclude each other
createPolicy({ origins: ["https://app.example"], dangerouslyReflectAnyOrigin: true });
