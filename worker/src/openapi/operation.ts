import type { ErrorCode } from "@cell-monitor/protocol";
import * as v from "valibot";
import { isOpen, parameterNames, type Route } from "../routes/route.ts";
import { refusalsByStatus } from "./refusals.ts";
import type { Schemas } from "./schemas.ts";
import type { Answer, Content, Header, JsonSchema, Operation, Parameter } from "./types.ts";

const uuid = v.pipe(v.string(), v.uuid());

/** A route as OpenAPI describes it. */
export function operationOf(route: Route, sent: Schemas, answered: Schemas): Operation {
  const parameters = [...pathParameters(route, sent), ...queryParameters(route, sent), ...headers(route)];
  const body = bodyOf(route, sent);
  return {
    operationId: operationId(route),
    tags: [route.tag],
    summary: route.summary,
    description: [route.description, whoMay(route)].filter((text) => text !== undefined).join("\n\n"),
    security: isOpen(route) ? [] : [{ bearer: [] }, ...(isForPeople(route) ? [{ session: [] }] : [])],
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: true, content: body } }),
    responses: {
      [route.answer.status]: goodAnswer(route, answered),
      ...unchanged(route),
      ...refusals(route),
    },
  };
}

function operationId({ method, path }: Route): string {
  const words =
    path.replace(/^\/(?:api\/v1)?/, (start) => (start === "/" ? "root/" : "")).match(/\w+/g) ?? [];
  return [method, ...words].join("_");
}

const people = new Set(["instructor", "ta", "admin", "researcher"]);

function isForPeople({ policy }: Route): boolean {
  return policy.kind === "roles" && policy.roles.some((role) => people.has(role));
}

function whoMay({ policy }: Route): string {
  if (policy.kind === "health") return "Open to anybody.";
  if (policy.kind === "public") return `Open to anybody, since ${policy.because}.`;
  const where = policy.classParameter === undefined ? "" : " of the class";
  const scope = policy.roles.includes("class_key") ? policy.scope : undefined;
  const scoped = scope === undefined ? "" : ` A class key needs the scope \`${scope}\`.`;
  return `For: ${policy.roles.map((role) => role.replace("_", " ")).join(", ")}${where}.${scoped}`;
}

function pathParameters({ path, params }: Route, sent: Schemas): Parameter[] {
  const schemas: Readonly<Record<string, v.GenericSchema<unknown, string> | undefined>> = params ?? {};
  return parameterNames(path).map((name) => ({
    name,
    in: "path",
    required: true,
    schema: sent.inline(schemas[name] ?? uuid),
  }));
}

function queryParameters({ query }: Route, sent: Schemas): Parameter[] {
  if (!query) return [];
  const { properties = {}, required = [] } = sent.inline(query);
  return Object.entries(properties).flatMap(([name, schema]) =>
    typeof schema === "boolean" ? [] : [{ name, in: "query", required: required.includes(name), schema }],
  );
}

function headers({ method, answer }: Route): Parameter[] {
  if (answer.isRevalidated) {
    const description = "An `ETag` that one has: answered with 304 if it is still that.";
    return [
      { name: "If-None-Match", in: "header", required: false, description, schema: { type: "string" } },
    ];
  }
  if ((method !== "put" && method !== "delete") || answer.schema === undefined) return [];
  const description = "The `ETag` of what is to be changed: refused with 412 if it was changed since.";
  return [{ name: "If-Match", in: "header", required: false, description, schema: { type: "string" } }];
}

function bodyOf({ body, bodyShape, bodyContentType }: Route, sent: Schemas): Content | undefined {
  if (body) return { "application/json": { schema: sent.of(body) } };
  if (bodyContentType === undefined) return undefined;
  return { [bodyContentType]: bodyShape ? { schema: sent.of(bodyShape) } : {} };
}

const integer: JsonSchema = { type: "integer", minimum: 0 };
const text: JsonSchema = { type: "string" };

const limitHeaders: Readonly<Record<string, Header>> = {
  RateLimit: { description: "How the asker's limits stand: what is left, and when all is.", schema: text },
  "RateLimit-Policy": { description: "The asker's limits: how much in how many seconds.", schema: text },
};

function goodAnswer({ answer, policy }: Route, answered: Schemas): Answer {
  const { status, schema, contentType, isList, isVersioned, isRevalidated } = answer;
  const headers: Record<string, Header> = {
    ...(status !== 101 && policy.kind !== "health" && limitHeaders),
    ...(isList && {
      "X-Total-Count": { description: "Length of the whole list.", schema: integer, required: true },
    }),
    ...(isVersioned && {
      ETag: { description: "Version of the row, for `If-Match`.", schema: text, required: true },
    }),
    ...(isRevalidated && {
      ETag: { description: "Of what is answered, for `If-None-Match`.", schema: text, required: true },
    }),
    ...(status === 302 && {
      Location: { description: "Where to go.", schema: text, required: true },
    }),
  };
  const content = schema
    ? { "application/json": { schema: answered.of(schema) } }
    : contentType !== undefined && { [contentType]: {} };
  return {
    description: meaningOf[status],
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(content && { content }),
  };
}

const meaningOf = {
  101: "The connection is open.",
  200: "Done.",
  201: "Made.",
  202: "Begun.",
  204: "Done; there is nothing to say.",
  302: "It goes on elsewhere.",
} as const;

/** The answer to who has it already, by their `If-None-Match`. */
function unchanged({ answer, policy }: Route): Record<string, Answer> {
  if (answer.isRevalidated !== true) return {};
  const headers = { ETag: { description: "What it is known by.", schema: text, required: true } };
  const all = { ...(policy.kind !== "health" && limitHeaders), ...headers };
  return { 304: { description: "It is what you have.", headers: all } };
}

const retryAfter: Readonly<Record<string, Header>> = {
  "Retry-After": { description: "Seconds to wait.", schema: { type: "integer", minimum: 1 }, required: true },
};

function refusals(route: Route): Record<string, Answer> {
  const answers = Array.from(refusalsByStatus(route), ([status, codes]): [string, Answer] => [
    String(status),
    {
      description: `Refused: ${codes.map((code: ErrorCode) => `\`${code}\``).join(", ")}.`,
      ...((status === 429 || status === 503) && { headers: retryAfter }),
      content: { "application/json": { schema: { $ref: "#/components/schemas/Refusal" } } },
    },
  ]);
  return Object.fromEntries(answers);
}
