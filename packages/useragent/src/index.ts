export { Client, type ClientCookies, type ClientOptions } from "./client.ts";
export { Headers, type HeadersInit } from "./headers.ts";
export { type ExplainedNetworkError, networkErrorReason } from "./network-error-record.ts";
export { type BodyInit, Request, type RequestInit } from "./request.ts";
export { Response } from "./response.ts";
export { UserAgent, type UserAgentOptions, createUserAgent } from "./user-agent.ts";
