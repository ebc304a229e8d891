export { createPolicy, decide, describeIssue, parsePolicy, PolicyError } from "./policy/index.ts";
export type {
  AnyOriginConfig,
  Decision,
  DecisionCode,
  DecisionHeaderName,
  DecisionRequest,
  HeaderLine,
  ListedOriginsConfig,
  ParsedPolicy,
  Policy,
  PolicyConfig,
  PolicyFields,
  PolicyIssue,
  PolicyIssueCode,
  ReflectedOriginsConfig,
} from "./policy/index.ts";
