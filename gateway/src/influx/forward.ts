import { messageOf } from "../log.ts";
import { influxAnswer, type InfluxTarget, type WriteAnswer, type WriteRequest } from "./target.ts";

/** `auto` asks the server's `/ping`. */
export type InfluxVersion = "1" | "2" | "auto";

interface ForwarderOptions {
  readonly url: URL;
  readonly version: InfluxVersion;
  readonly token: string | undefined;
}

/**
 * Hands writes on to another server and its answers back. InfluxDB 1.x is spoken to in its own way, with the bucket
 * as the database; one that isn't there yet is created, as no client of this gateway could.
 */
export function createForwarder({ url, version, token }: ForwarderOptions): InfluxTarget {
  const authorization = authorizationOf(url, token);
  let isVersion1 = version === "auto" ? undefined : version === "1";

  const ask: Ask = async (path, search, { method, headers, body }) => {
    const target = new URL(`${url.origin}${url.pathname.replace(/\/$/, "")}${path}`);
    target.search = search.toString();
    return fetch(target, {
      method,
      headers: { ...authorization, ...headers },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(UPSTREAM_TIMEOUT_MS),
    });
  };

  async function forward(write: WriteRequest): Promise<Response> {
    isVersion1 ??= await speaksVersion1(ask);
    const { path, search } = isVersion1 ? targetOfVersion1(write) : targetOfVersion2(write);
    const encoding = write.encoding === undefined ? {} : { "Content-Encoding": write.encoding };
    const headers = { "Content-Type": "text/plain; charset=utf-8", ...encoding };
    const send = (): Promise<Response> => ask(path, search, { method: "POST", headers, body: write.body });
    const response = await send();
    if (!isVersion1 || response.status !== 404) return response;
    const creation = new URLSearchParams({ q: createDatabase(search.get("db") ?? "") });
    const created = await ask("/query", creation, { method: "POST" });
    await created.body?.cancel();
    if (!created.ok) return response;
    await response.body?.cancel();
    return send();
  }

  return {
    write: async (request) => {
      try {
        return await answerOf(await forward(request));
      } catch (error) {
        return influxAnswer(503, "unavailable", `cannot reach the time-series database: ${messageOf(error)}`);
      }
    },
    points: () => [],
    close: () => Promise.resolve(),
  };
}

interface AskInit {
  readonly method: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
}

type Ask = (path: string, search: URLSearchParams, init: AskInit) => Promise<Response>;

async function speaksVersion1(ask: Ask): Promise<boolean> {
  const response = await ask("/ping", new URLSearchParams(), { method: "GET" });
  await response.body?.cancel();
  return /^v?1\./.test(response.headers.get("X-Influxdb-Version") ?? "");
}

interface Target {
  readonly path: string;
  readonly search: URLSearchParams;
}

function targetOfVersion2({ org, bucket, precision }: WriteRequest): Target {
  const search = new URLSearchParams({ ...(org === undefined ? {} : { org }), bucket, precision });
  return { path: "/api/v2/write", search };
}

/** A bucket `database/policy` names a retention policy too, as in InfluxDB's own mapping. */
function targetOfVersion1({ bucket, precision }: WriteRequest): Target {
  const [db = bucket, policy] = bucket.split("/", 2);
  const rp = policy === undefined ? {} : { rp: policy };
  const shortened = VERSION_1_PRECISIONS.get(precision) ?? precision;
  return { path: "/write", search: new URLSearchParams({ db, ...rp, precision: shortened }) };
}

function createDatabase(name: string): string {
  return `CREATE DATABASE "${name.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** A URL with a name and password is how InfluxDB 1.x is addressed; fetch takes none in a URL. */
function authorizationOf(url: URL, token: string | undefined): Record<string, string> {
  if (token !== undefined) return { Authorization: `Token ${token}` };
  if (url.username === "") return {};
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return { Authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
}

async function answerOf(response: Response): Promise<WriteAnswer> {
  const headers = FORWARDED_HEADERS.flatMap((name) => {
    const value = response.headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return { status: response.status, headers: Object.fromEntries(headers), body: await response.text() };
}

const FORWARDED_HEADERS = ["Content-Type", "Retry-After", "X-Influxdb-Error", "X-Influxdb-Version"];
const VERSION_1_PRECISIONS: ReadonlyMap<string, string> = new Map([
  ["ns", "n"],
  ["us", "u"],
]);
const UPSTREAM_TIMEOUT_MS = 10_000;
