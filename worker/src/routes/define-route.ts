import { refusalResponse } from "@cell-monitor/protocol";
import { grantedTo } from "../auth/claims.ts";
import { openDatabase } from "../queries/database.ts";
import { readCall } from "../middleware/read-call.ts";
import type {
  Call,
  Described,
  OpenPolicy,
  OpenRoute,
  Outcome,
  ParameterName,
  RoleCall,
  RolePolicy,
  RoleRoute,
} from "./route.ts";
import { respond } from "./respond.ts";

type MaybePromise<T> = T | Promise<T>;

interface Definition<Path extends string, Query, Body, Value> extends Described<
  ParameterName<Path>,
  Query,
  Body,
  Value
> {
  readonly path: Path;
}

interface RoleDefinition<Path extends string, Query, Body, Value> extends Definition<
  Path,
  Query,
  Body,
  Value
> {
  readonly policy: RolePolicy;
  handle(call: RoleCall<ParameterName<Path>, Query, Body>): MaybePromise<Outcome<Value>>;
}

interface OpenDefinition<Path extends string, Query, Body, Value> extends Definition<
  Path,
  Query,
  Body,
  Value
> {
  readonly policy: OpenPolicy;
  handle(call: Call<ParameterName<Path>, Query, Body>): MaybePromise<Outcome<Value>>;
}

/**
 * A route for who has one of some roles. It is reached once the credential is verified and has the role; what the
 * handler is given was held against the schemas. A path's parameter is a UUID unless `params` says what it is.
 */
export function defineRoute<const Path extends string, Query = undefined, Body = undefined, Value = null>(
  definition: RoleDefinition<Path, Query, Body, Value>,
): RoleRoute {
  return {
    ...definition,
    async run(c, who) {
      const call = await readCall(c, definition);
      if (!call.ok) return refusalResponse(call.refusal);
      const granted = grantedTo(who, definition.policy.roles);
      const db = openDatabase(c.env, who);
      const outcome = await definition.handle({ ...call.value, c, env: c.env, db, who, granted });
      return respond(c, definition.answer, outcome);
    },
  };
}

/** A route for anybody: its policy says why. */
export function defineOpenRoute<const Path extends string, Query = undefined, Body = undefined, Value = null>(
  definition: OpenDefinition<Path, Query, Body, Value>,
): OpenRoute {
  return {
    ...definition,
    async run(c) {
      const call = await readCall(c, definition);
      if (!call.ok) return refusalResponse(call.refusal);
      const db = openDatabase(c.env);
      const outcome = await definition.handle({ ...call.value, c, env: c.env, db });
      return respond(c, definition.answer, outcome);
    },
  };
}
