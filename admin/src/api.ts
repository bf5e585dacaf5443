import { errorBodySchema } from "@cell-monitor/protocol";
import * as v from "valibot";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { Failure } from "./failure.ts";

export interface Request {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  /** Sent as JSON; bytes are sent as they are. */
  readonly body?: unknown;
  readonly contentType?: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
}

const timeoutMs = 30_000;

/** The REST API of a worker. */
export class Api {
  readonly #url: string;
  readonly #bearer: (() => Promise<string>) | undefined;

  constructor(url: string, bearer?: () => Promise<string>) {
    this.#url = url;
    this.#bearer = bearer;
  }

  /** Calls `/api/v1{path}` and holds the answer against its schema. */
  async call<Schema extends v.GenericSchema>(
    schema: Schema,
    path: string,
    request: Request = {},
  ): Promise<v.InferOutput<Schema>> {
    const response = await this.send(path, request);
    return read(schema, await response.json().catch(() => undefined));
  }

  /** The whole of a list, page by page. */
  async all<Schema extends v.GenericSchema>(
    row: Schema,
    path: string,
    query: Request["query"] = {},
  ): Promise<v.InferOutput<Schema>[]> {
    const rows: v.InferOutput<Schema>[] = [];
    for (;;) {
      const page = await this.call(v.array(row), path, {
        query: { ...query, skip: rows.length, limit: 200 },
      });
      rows.push(...page);
      if (page.length < 200) return rows;
    }
  }

  /** The answer itself, once it is a good one. */
  async send(path: string, { method, body, contentType, query }: Request = {}, signal?: AbortSignal) {
    const url = new URL(`${this.#url}/api/v1${path}`);
    for (const [name, value] of Object.entries(query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const headers = new Headers();
    if (this.#bearer) headers.set("authorization", `Bearer ${await this.#bearer()}`);
    if (body !== undefined) headers.set("content-type", contentType ?? "application/json");
    const init: RequestInit = {
      method: method ?? (body === undefined ? "GET" : "POST"),
      headers,
      signal: signal ?? AbortSignal.timeout(timeoutMs),
      ...(body !== undefined && {
        body: body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body),
      }),
    };
    const response = await fetch(url, init).catch((error: unknown) => {
      throw unreachable(this.#url, error);
    });
    if (!response.ok) throw await refusalOf(response);
    return response;
  }
}

/** @throws Failure: what answers at that address is no Cell Monitor of this version */
function read<Schema extends v.GenericSchema>(schema: Schema, value: unknown): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  throw new Failure(
    exitCodes.failed,
    "unexpected_answer",
    "The server's answer is not what this command expects; is it another version?",
  );
}

function unreachable(url: string, error: unknown): Failure {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
  return new Failure(exitCodes.unavailable, "unreachable", `${url} does not answer: ${reason}`);
}

async function refusalOf(response: Response): Promise<Failure> {
  const parsed = v.safeParse(errorBodySchema, await response.json().catch(() => undefined));
  if (!parsed.success) {
    const message = `The server answered ${response.status} and said no more.`;
    return new Failure(exitCodeOf(response.status), `http_${response.status}`, message);
  }
  const { code, message, details } = parsed.output.error;
  return new Failure(exitCodeOf(response.status), code, message, details);
}

function exitCodeOf(status: number): ExitCode {
  if (status === 401 || status === 403) return exitCodes.forbidden;
  if (status === 404) return exitCodes.notFound;
  return status === 429 || status >= 500 ? exitCodes.unavailable : exitCodes.refused;
}
