export type { BodyInit } from "./body.ts";
export type { Client, ClientCookies } from "./client.ts";
export type { ClientOptions } from "./client-options.ts";
export type { LocalNetworkPermission } from "./local-network-options.ts";
export type { CanvasLike, PageCanvas, PageContext2D } from "./element-load/canvas.ts";
export type { ElementLoad, LoadFailed, Loaded } from "./element-load/element-load.ts";
export type { LoadElement, PreloadAs } from "./element-load/element-settings.ts";
export type { DecodeImage, LoadOptions } from "./element-load/load-options.ts";
export type { EventSource, EventSourceConstructor, EventSourceInit } from "./event-source/event-source.ts";
export { Headers } from "./headers.ts";
export type { HeadersInit } from "./headers-init.ts";
export { type ExplainedNetworkError, networkErrorReason } from "./network-error.ts";
export type { Request, RequestConstructor, RequestInfo } from "./request.ts";
export type { RequestInit } from "./request-init.ts";
export type { Response, ResponseConstructor } from "./response.ts";
export type { ResponseInit } from "./response-init.ts";
export { type UserAgent, createUserAgent } from "./user-agent.ts";
export type { HttpCacheOptions, UserAgentOptions } from "./user-agent-options.ts";
export type { ClientCertificate } from "./transport/client-certificate.ts";
export type { WebSocket, WebSocketConstructor } from "./web-socket/web-socket.ts";
export { ProgressEvent, type ProgressEventInit } from "./xml-http-request/progress-event.ts";
export type { XMLHttpRequestBodyInit } from "./sendable-body.ts";
export type { XMLHttpRequest, XMLHttpRequestConstructor } from "./xml-http-request/xml-http-request.ts";
export type {
  XMLHttpRequestEventTarget,
  XMLHttpRequestUpload,
} from "./xml-http-request/xml-http-request-event-target.ts";
export type { XMLHttpRequestResponseType } from "./xml-http-request/xml-http-request-state.ts";
