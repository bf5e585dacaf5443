import { errorBodySchema } from "@cell-monitor/protocol";
import * as v from "valibot";

export type ApiAnswer<T> = { readonly ok: true; readonly value: T } | ApiFailure;

export interface ApiFailure {
  readonly ok: false;
  /** 0: no answer came. */
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

interface CallOptions {
  readonly method?: "GET" | "POST";
  readonly body?: unknown;
}

/** Calls the server with the session's cookie. What goes wrong, the network included, is a value. */
export async function callApi<Schema extends v.GenericSchema>(
  schema: Schema,
  path: string,
  { method = "GET", body }: CallOptions = {},
): Promise<ApiAnswer<v.InferOutput<Schema>>> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      credentials: "same-origin",
      ...(body !== undefined && {
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    });
    text = await response.text();
  } catch (error) {
    return failure(0, "network", String(error));
  }
  const json = parseJson(text);
  if (!response.ok) {
    const refusal = v.safeParse(errorBodySchema, json);
    if (!refusal.success) return failure(response.status, "unknown", response.statusText);
    return failure(response.status, refusal.output.error.code, refusal.output.error.message);
  }
  const parsed = v.safeParse(schema, json);
  if (!parsed.success) return failure(response.status, "unexpected_answer", v.summarize(parsed.issues));
  return { ok: true, value: parsed.output };
}

function failure(status: number, code: string, message: string): ApiFailure {
  return { ok: false, status, code, message };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
