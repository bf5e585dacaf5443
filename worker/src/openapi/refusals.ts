import { type ErrorCode, errorStatus } from "@cell-monitor/protocol";
import { isOpen, parameterNames, type Route } from "../routes/route.ts";

const ofBody: readonly ErrorCode[] = [
  "invalid_json",
  "invalid_encoding",
  "body_too_large",
  "unsupported_media_type",
  "invalid_body",
];
const ofCredential: readonly ErrorCode[] = [
  "unauthenticated",
  "token_expired",
  "token_revoked",
  "forbidden",
  "origin_refused",
];
const ofChange: readonly ErrorCode[] = ["not_found", "class_not_found", "conflict", "invalid_body"];

/** The codes that a route may refuse with: those of its kind, and those that it names. */
function refusalsOf(route: Route): readonly ErrorCode[] {
  const codes = new Set<ErrorCode>(["unavailable", "internal", ...(route.refusals ?? [])]);
  const add = (more: readonly ErrorCode[]) => {
    for (const code of more) codes.add(code);
  };
  if (route.policy.kind !== "health") codes.add("rate_limited");
  if (!isOpen(route)) {
    add(ofCredential);
    if (route.policy.classParameter !== undefined) codes.add("class_not_found");
  }
  // What its body carries may be no credential, or none any more.
  if (route.policy.kind === "public" && route.body) add([...ofCredential, "login_link_spent"]);
  if (parameterNames(route.path).length > 0) codes.add("not_found");
  if (route.query) add(["invalid_body", "class_not_found"]);
  if (route.body ?? route.bodyContentType) add(ofBody);
  if (route.method !== "get") add(ofChange);
  if (route.method === "put" || route.method === "delete") codes.add("precondition_failed");
  if (route.answer.status === 101) add(["upgrade_required", "invalid_body"]);
  return [...codes];
}

/** The same by their status, in its order. */
export function refusalsByStatus(route: Route): ReadonlyMap<number, readonly ErrorCode[]> {
  const byStatus = new Map<number, ErrorCode[]>();
  const codes = [...refusalsOf(route)].sort((a, b) => errorStatus[a] - errorStatus[b]);
  for (const code of codes) {
    const status = errorStatus[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return byStatus;
}
