import type { Role } from "@cell-monitor/protocol";
import type { Context } from "hono";
import type { Principal } from "../auth/claims.ts";
import type { Env } from "../env.ts";

export type AppContext = Context<{ Bindings: Env }>;

/** Who may use a route. Every route says so; there is no default. */
type Policy =
  /** Anybody, at any time: says only whether the service works. */
  | { readonly kind: "health" }
  /** Anybody, because what the request carries is itself what opens it. */
  | { readonly kind: "public"; readonly because: string }
  | RolePolicy;

export interface RolePolicy {
  readonly kind: "roles";
  readonly roles: readonly Role[];
  /** A class key must have it. */
  readonly scope?: "mint" | "ingest";
  /** Parameter of the path that names a class; who may not see it is told there is none. */
  readonly classParameter?: string;
}

interface RouteBase {
  readonly method: "get" | "post" | "put" | "delete";
  readonly path: string;
}

export interface OpenRoute extends RouteBase {
  readonly policy: Exclude<Policy, RolePolicy>;
  handle(c: AppContext): Promise<Response> | Response;
}

export interface RoleRoute extends RouteBase {
  readonly policy: RolePolicy;
  handle(c: AppContext, who: Principal): Promise<Response> | Response;
}

export type Route = OpenRoute | RoleRoute;

export function isOpen(route: Route): route is OpenRoute {
  return route.policy.kind !== "roles";
}
