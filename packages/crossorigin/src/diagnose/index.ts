export * from "./codes.ts";
export * from "../protocol/escape.ts";
export * from "./explain.ts";
export * from "./explanation.ts";
export * from "./redact-trace.ts";
