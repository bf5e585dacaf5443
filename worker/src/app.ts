import { refusalResponse, refuse } from "@cell-monitor/protocol";
import { Hono, type MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { checkConfig, type Env } from "./env.ts";
import { limitRequest } from "./limits/limit-request.ts";
import { warn } from "./log.ts";
import { authenticate } from "./middleware/authenticate.ts";
import { authorize } from "./middleware/authorize.ts";
import {
  CredentialRevokedError,
  databaseSilent,
  DatabaseUnavailableError,
  UnstorableValueError,
} from "./queries/database.ts";
import { type AppContext, isOpen, type Route } from "./routes/route.ts";

/** Bearers may come from any page: a browser adds none by itself, and cookies are not allowed to ride along. */
const anyOrigin = cors({
  origin: "*",
  allowMethods: ["GET", "POST", "PUT", "DELETE"],
  allowHeaders: ["authorization", "content-type", "content-encoding", "if-match", "if-none-match"],
  exposeHeaders: ["etag", "ratelimit", "ratelimit-policy", "retry-after", "x-total-count"],
  maxAge: 86_400,
});

/** Answers hold credentials and what students do: nothing on the way keeps a copy, unless a route says otherwise. */
const neverStored: MiddlewareHandler = async (c, next) => {
  await next();
  // An upgrade's answer is the platform's, and cannot be changed.
  if (c.res.status !== 101 && !c.res.headers.has("cache-control"))
    c.res.headers.set("cache-control", "no-store");
};

async function guard(c: AppContext, route: Route): Promise<Response> {
  const config = checkConfig(c.env);
  if (!config.ok && route.policy.kind !== "health") return refusalResponse(config.refusal);
  if (isOpen(route)) {
    return route.policy.kind === "health" ? route.run(c) : limitRequest(c, route, () => route.run(c));
  }
  const who = await authenticate(c);
  if (!who.ok) return refusalResponse(who.refusal);
  const allowed = authorize(c, who.value, route.policy);
  if (!allowed.ok) return refusalResponse(allowed.refusal);
  return limitRequest(c, route, () => route.run(c, allowed.value), allowed.value);
}

function methodsByPath(routes: readonly Route[]): Map<string, string[]> {
  const methods = new Map<string, string[]>();
  for (const { path, method } of routes) {
    methods.set(path, [...(methods.get(path) ?? []), method.toUpperCase()]);
  }
  return methods;
}

function methodNotAllowed(methods: readonly string[]): Response {
  const { refusal } = refuse("method_not_allowed", "This address does not take that method.");
  const response = refusalResponse(refusal);
  response.headers.set("allow", methods.join(", "));
  return response;
}

const { refusal: unstorable } = refuse("invalid_body", "The request holds a value that cannot be stored.");
const { refusal: revoked } = refuse("token_revoked", "The credential has been revoked.");

/** The worker's application: every route behind its policy, every error in the one shape. */
export function createApp(routes: readonly Route[]): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>();
  app.use("/api/*", anyOrigin);
  app.use("/api/*", neverStored);
  for (const route of routes) app.on(route.method, route.path, (c) => guard(c, route));
  for (const [path, methods] of methodsByPath(routes)) app.all(path, () => methodNotAllowed(methods));
  app.notFound(() => refusalResponse(refuse("not_found", "There is nothing at this address.").refusal));
  app.onError((error) => {
    if (error instanceof DatabaseUnavailableError) return refusalResponse(databaseSilent);
    if (error instanceof CredentialRevokedError) return refusalResponse(revoked);
    if (error instanceof UnstorableValueError) {
      // A schema should have named the field: whoever runs this is told, who asked gets what they can mend.
      warn("unstorable_value", { reason: error.message });
      return refusalResponse(unstorable);
    }
    console.error(JSON.stringify({ message: "fault", error: error.message, stack: error.stack }));
    return refusalResponse(refuse("internal", "Something went wrong on our side.").refusal);
  });
  return app;
}
