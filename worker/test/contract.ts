import { Validator } from "@cfworker/json-schema";
import { documentOf, templateOf } from "../src/openapi/document.ts";
import type { Answer, Operation } from "../src/openapi/types.ts";
import { routes } from "../src/routes/table.ts";

const document = documentOf(routes);
// The validator finds what a schema refers to from the schema's own root.
const { components } = document;
const validators = new Map<object, Validator>();

function validatorOf(schema: object): Validator {
  const validator = validators.get(schema) ?? new Validator({ ...schema, components }, "2020-12", false);
  validators.set(schema, validator);
  return validator;
}

const patterns = routes.map(({ method, path }) => ({
  method,
  template: templateOf(path),
  pattern: new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/:\w+/g, "[^/]+")}$`),
}));

function operationAt(method: string, path: string): Operation | undefined {
  const found = patterns.find((each) => each.method === method && each.pattern.test(path));
  return found && document.paths[found.template]?.[found.method];
}

/** What an answer says or leaves out against the API's own description; empty where it keeps to it. */
export async function breachesOf(method: string, url: string, response: Response): Promise<string[]> {
  const { pathname } = new URL(url, "https://class.example");
  const operation = operationAt(method.toLowerCase(), pathname);
  if (!operation) return [];
  const answer = operation.responses[String(response.status)];
  if (!answer) return [`${operation.operationId} is not described to answer ${response.status}`];
  const found = [...headerBreaches(answer, response), ...(await contentBreaches(answer, response))];
  return found.map((what) => `${operation.operationId} ${response.status}: ${what}`);
}

function headerBreaches({ headers = {} }: Answer, response: Response): string[] {
  return Object.entries(headers).flatMap(([name, { required }]) =>
    required === true && !response.headers.has(name) ? [`the header ${name} is missing`] : [],
  );
}

async function contentBreaches({ content = {} }: Answer, response: Response): Promise<string[]> {
  const [type = ""] = (response.headers.get("content-type") ?? "").split(";");
  if (response.status === 101) return [];
  const described = content[type] ?? content[type.replace(/\/.*/, "/*")] ?? content["*/*"];
  if (!described) {
    if (type !== "") return [`its type is ${type}`];
    return Object.keys(content).length > 0 ? ["it has no type"] : [];
  }
  if (!described.schema) return [];
  const { valid, errors } = validatorOf(described.schema).validate(await response.clone().json());
  return valid ? [] : errors.map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`);
}
