export * from "./decide.ts";
export * from "./decision.ts";
export * from "./origin-matcher.ts";
export * from "./origin-pattern.ts";
export * from "./parse-policy.ts";
export * from "./policy-config.ts";
export * from "./policy-issue.ts";
export type { Policy } from "./policy.ts";
