import { refusalResponse } from "@cell-monitor/protocol";
import type { AnswerShape, AppContext, Outcome } from "./route.ts";

/** A handler's outcome as its answer. */
export function respond<Value>(c: AppContext, shape: AnswerShape<Value>, outcome: Outcome<Value>): Response {
  if (outcome instanceof Response) return outcome;
  if (!outcome.ok) return refusalResponse(outcome.refusal);
  const { value, total, version, headers } = outcome.value;
  for (const [name, text] of Object.entries(headers ?? {})) c.header(name, text);
  if (total !== undefined) c.header("x-total-count", String(total));
  if (version !== undefined) c.header("etag", `"${version}"`);
  return shape.schema
    ? Response.json(value, { status: shape.status, headers: c.res.headers })
    : empty(c, shape);
}

function empty(c: AppContext, { status }: AnswerShape): Response {
  return new Response(null, { status, headers: c.res.headers });
}
