import type { ErrorCode, Result, Role } from "@cell-monitor/protocol";
import type { Context } from "hono";
import type * as v from "valibot";
import type { Granted, Principal } from "../auth/claims.ts";
import type { Env } from "../env.ts";
import type { Database } from "../queries/database.ts";
import type { Answered } from "./answer.ts";

export type AppContext = Context<{ Bindings: Env }>;

/** Who may use a route. Every route says so; there is no default. */
export type OpenPolicy =
  /** Anybody, at any time: says only whether the service works. */
  | { readonly kind: "health" }
  /** Anybody, because what the request carries is itself what opens it. */
  | {
      readonly kind: "public";
      readonly because: string;
      /** Counts what opened nothing, by the client's address: where a secret is short enough to be guessed at. */
      readonly wrong?: "wrong_codes" | "wrong_keys";
    };

export interface RolePolicy {
  readonly kind: "roles";
  /** What the asker must be in the class concerned, or in any class where the path names none. */
  readonly roles: readonly Role[];
  /** A class key must have it. */
  readonly scope?: "mint" | "ingest";
  /** Parameter of the path that names a class; who may not see it is told there is none. */
  readonly classParameter?: string;
  /** Costs so much that nobody may ask it often. */
  readonly isHeavy?: boolean;
}

/** Chapters of the API's documentation, in the order in which one comes to need them. */
export const tags = [
  "auth",
  "events",
  "live",
  "help",
  "classes",
  "lessons",
  "people",
  "assignments",
  "submissions",
  "map",
  "insight",
  "privacy",
  "operations",
  "test capture",
] as const;
type Tag = (typeof tags)[number];

/** The names after the colons of a path. */
export type ParameterName<Path extends string> = Path extends `${string}:${infer Rest}`
  ? Rest extends `${infer Name}/${infer After}`
    ? Name | ParameterName<`/${After}`>
    : Rest
  : never;

/** What a good answer is. Without a schema it has no body, or one that is not JSON, named by `contentType`. */
export interface AnswerShape<Value = unknown> {
  readonly status: 101 | 200 | 201 | 202 | 204 | 302;
  readonly schema?: v.GenericSchema<unknown, Value>;
  readonly contentType?: string;
  /** A part of a list, whose whole length `X-Total-Count` tells. */
  readonly isList?: boolean;
  /** Of a row with a version, which `ETag` tells and `If-Match` asks for. */
  readonly isVersioned?: boolean;
  /** Has an `ETag` that is not a row's: who has it already is told so with 304. */
  readonly isRevalidated?: boolean;
}

/** What is known of a route without running it: its documentation is made of this. */
export interface Described<Name extends string = string, Query = unknown, Body = unknown, Value = unknown> {
  readonly method: "get" | "post" | "put" | "delete";
  readonly path: string;
  readonly tag: Tag;
  /** One line, for the API's documentation. */
  readonly summary: string;
  readonly description?: string;
  /** What the path's parameters are that are no UUIDs. */
  readonly params?: Readonly<Partial<Record<Name, v.GenericSchema<unknown, string>>>>;
  readonly query?: v.GenericSchema<unknown, Query>;
  /** Of a JSON body. A route without one reads its body itself, if it takes any. */
  readonly body?: v.GenericSchema<unknown, Body>;
  /** What a body is that the route reads itself. */
  readonly bodyContentType?: string;
  /** What such a body holds, for the API's documentation only. */
  readonly bodyShape?: v.GenericSchema;
  /** Codes it refuses with beyond those that any route of its kind may. */
  readonly refusals?: readonly ErrorCode[];
  readonly maxBodyBytes?: number;
  readonly answer: AnswerShape<Value>;
}

/** What a handler is given: everything in it was held against its schema, and who asks is let in. */
export interface Call<Name extends string, Query, Body> {
  readonly c: AppContext;
  readonly env: Env;
  readonly db: Database;
  readonly params: Readonly<Record<Name, string>>;
  readonly query: Query;
  readonly body: Body;
}

export interface RoleCall<Name extends string, Query, Body> extends Call<Name, Query, Body> {
  readonly who: Principal;
  /** The classes in which the asker has one of the policy's roles: nothing of another may be shown or changed. */
  readonly granted: Granted;
}

/** A body, or a response where it is a stream, a redirect or an upgrade. */
export type Outcome<Value> = Result<Answered<Value>> | Response;

export interface OpenRoute extends Described {
  readonly policy: OpenPolicy;
  run(c: AppContext): Promise<Response>;
}

export interface RoleRoute extends Described {
  readonly policy: RolePolicy;
  run(c: AppContext, who: Principal): Promise<Response>;
}

export type Route = OpenRoute | RoleRoute;

export function isOpen(route: Route): route is OpenRoute {
  return route.policy.kind !== "roles";
}

/** The names of a path's parameters, in their order. */
export function parameterNames(path: string): string[] {
  return Array.from(path.matchAll(/:(\w+)/g), ([, name = ""]) => name);
}
