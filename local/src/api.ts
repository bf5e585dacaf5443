import { errorBodySchema } from "@cell-monitor/protocol";
import * as v from "valibot";

export interface Request {
  readonly bearer?: string;
  /** Makes it a POST. */
  readonly body?: unknown;
}

/** An answer other than 2xx. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const timeoutMs = 15_000;

/** The public API of a running worker. */
export class Api {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Calls `/api/v1{path}` and holds the answer against its schema. */
  async call<Schema extends v.GenericSchema>(
    schema: Schema,
    path: string,
    { bearer, body }: Request = {},
  ): Promise<v.InferOutput<Schema>> {
    const response = await fetch(`${this.#url}/api/v1${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      signal: AbortSignal.timeout(timeoutMs),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json().catch(() => undefined);
    if (response.ok) return v.parse(schema, answer);
    const parsed = v.safeParse(errorBodySchema, answer);
    const { code, message } = parsed.success
      ? parsed.output.error
      : { code: `http_${response.status}`, message: response.statusText };
    throw new ApiError(response.status, code, `${path}: ${message} (${response.status} ${code})`);
  }
}
