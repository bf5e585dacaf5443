import { type Route, tags } from "../routes/route.ts";
import { operationOf } from "./operation.ts";
import { Schemas } from "./schemas.ts";
import type { Document, JsonSchema, Operation } from "./types.ts";

const description = `What Cell Monitor's server answers. Bodies and answers are JSON; \`PUT\` changes what it names and \
leaves the rest; \`DELETE\` answers what it removed. A refusal is \`{"error":{"code","message","details"?}}\`, and its \
code alone is meant for programs. What one may not see is answered as what isn't there.`;

/** The path as OpenAPI writes it. */
export function templateOf(path: string): string {
  return path.replace(/:(\w+)/g, "{$1}");
}

/** The API's description, made of the routes that answer it. */
export function documentOf(routes: readonly Route[]): Document {
  const [sent, answered] = [new Schemas("input", "Input"), new Schemas("output")];
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of routes) {
    const methods = (paths[templateOf(route.path)] ??= {});
    methods[route.method] = operationOf(route, sent, answered);
  }
  const schemas = { ...answered.components(), ...sent.components(), Refusal: refusalSchema };
  return {
    openapi: "3.1.1",
    info: {
      title: "Cell Monitor",
      version: "1",
      description,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    tags: tags.filter((name) => routes.some(({ tag }) => tag === name)).map((name) => ({ name })),
    paths,
    components: { schemas, securitySchemes },
  };
}

const refusalSchema: JsonSchema = {
  type: "object",
  required: ["error"],
  properties: {
    error: {
      type: "object",
      required: ["code", "message"],
      properties: {
        code: { type: "string" },
        message: { type: "string" },
        details: { description: "What is wrong with what, where there is more to be said." },
      },
      additionalProperties: false,
    },
  },
  additionalProperties: false,
};

const securitySchemes = {
  bearer: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "An access token: of a student, a class key, or a person. Any origin may send one.",
  },
  session: {
    type: "apiKey",
    in: "cookie",
    name: "__Host-cell_monitor_session",
    description:
      "A browser's session, opened by a login. It works from the dashboard's own pages only: whatever changes " +
      "something must name their Origin. Without TLS the cookie has no prefix.",
  },
} as const;
