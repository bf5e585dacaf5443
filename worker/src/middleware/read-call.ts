import { accept, refuse, type Result } from "@cell-monitor/protocol";
import * as v from "valibot";
import { type AppContext, type Call, type Described, parameterNames } from "../routes/route.ts";
import { readBody } from "./read-body.ts";
import { readQuery } from "./read-query.ts";

const uuid = v.pipe(v.string(), v.uuid());

/** Holds a request's path, query and body against what its route says of them. */
export async function readCall<Name extends string, Query, Body>(
  c: AppContext,
  route: Described<Name, Query, Body>,
): Promise<Result<Pick<Call<Name, Query, Body>, "params" | "query" | "body">>> {
  const params = readParams(c, route);
  if (!params.ok) return params;
  // Without a schema, `Query` and `Body` are inferred as undefined.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- so says the line above
  const query = route.query ? readQuery(c, route.query) : accept(undefined as Query);
  if (!query.ok) return query;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  const body = route.body ? await readBody(c, route.body, route.maxBodyBytes) : accept(undefined as Body);
  if (!body.ok) return body;
  return accept({ params: params.value, query: query.value, body: body.value });
}

/** What is malformed names nothing, and is answered as what isn't there. */
function readParams<Name extends string>(
  c: AppContext,
  { path, params }: Described<Name>,
): Result<Record<Name, string>> {
  const values: Record<string, string> = {};
  const schemas: Readonly<Record<string, v.GenericSchema<unknown, string> | undefined>> = params ?? {};
  for (const name of parameterNames(path)) {
    const parsed = v.safeParse(schemas[name] ?? uuid, c.req.param(name));
    if (!parsed.success) return refuse("not_found", "There is nothing at this address.");
    values[name] = parsed.output;
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `Name` is what `parameterNames` reads, in types.
  return accept(values as Record<Name, string>);
}
