import { ticketSchema } from "@cell-monitor/protocol";
import { beforeAll, describe, expect, it } from "vitest";
import { isOpen, type RoleRoute, type Route } from "../src/routes/route.ts";
import { routes } from "../src/routes/table.ts";
import { call, codeOf, newClass, newInstructor, newStudent, read } from "./api.ts";
import { forge } from "./forge.ts";

// Who is asking, each of the class that the addresses name but where it says other.
const askers = [
  "nobody",
  "student",
  "mint key",
  "ingest key",
  "instructor",
  "other instructor",
  "ta",
  "admin",
  "ticket",
  "refresh",
  "session as bearer",
] as const;
type Asker = (typeof askers)[number];

const roleOf = {
  student: "student",
  "mint key": "class_key",
  "ingest key": "class_key",
  instructor: "instructor",
  "other instructor": "instructor",
  ta: "ta",
  admin: "admin",
} as const;

/** What the policy says; written down apart from the code that holds to it. */
function expected({ policy, path }: RoleRoute, asker: Asker) {
  if (asker === "nobody" || asker === "ticket" || asker === "refresh" || asker === "session as bearer") {
    return "unauthenticated";
  }
  if (!policy.roles.includes(roleOf[asker])) return "forbidden";
  if (asker === "mint key" && policy.scope === "ingest") return "forbidden";
  if (asker === "ingest key" && policy.scope === "mint") return "forbidden";
  // The alias names no class, and neither does an admin's credential.
  if (asker === "admin" && path === "/ws") return "forbidden";
  return asker === "other instructor" && policy.classParameter !== undefined ? "class_not_found" : "let in";
}

let classId: string;
const tokens = new Map<Asker, string>();

beforeAll(async () => {
  const made = await newClass();
  classId = made.class.id;
  const student = await newStudent(made);
  const ticket = await call("/api/v1/auth/ticket", { method: "POST", token: student.token });
  const other = await newInstructor(await newClass());
  const key = (scope: string) => forge(classId, { claims: { role: "class_key", scopes: [scope] } });
  tokens
    .set("student", student.token)
    .set("refresh", student.refreshToken)
    .set("ticket", (await read(ticket, ticketSchema)).ticket)
    .set("mint key", await key("mint"))
    .set("ingest key", await key("ingest"))
    .set("instructor", (await newInstructor(made)).token)
    .set("other instructor", other.token)
    .set("ta", await forge(classId, { claims: { role: "ta" } }))
    .set("admin", made.admin)
    .set("session as bearer", await forge(classId, { claims: { role: "instructor", use: "session" } }));
});

/** Asks without a body: who is let in gets as far as being told so. */
function ask({ method, path }: Pick<Route, "method" | "path">, token: string | undefined, id = classId) {
  // Of no version: what would be removed is there for those who ask next.
  const headers = { "if-match": '"0"' };
  const init = { method: method.toUpperCase(), headers, ...(token !== undefined && { token }) };
  return call(path.replace(":classId", id), init);
}

const refusals = new Set(["unauthenticated", "forbidden", "class_not_found"]);

async function outcome(response: Response): Promise<string> {
  if (response.ok) return "let in";
  const code = await codeOf(response);
  return refusals.has(code) ? code : "let in";
}

const guarded = routes.flatMap((route) => (isOpen(route) ? [] : [route]));

describe.for(guarded)("$method $path", (route) => {
  it.for(askers)("answers %s as its policy says", async (asker) => {
    expect(await outcome(await ask(route, tokens.get(asker)))).toBe(expected(route, asker));
  });
});

describe("an address of a class", () => {
  const classRoutes = guarded.filter(({ path }) => path.includes("/:classId"));

  it("has a policy that asks for the class", () => {
    expect(classRoutes.map(({ policy }) => policy.classParameter)).toEqual(classRoutes.map(() => "classId"));
  });

  it.for(["no-uuid", "%00", "..%2f..", "' OR 1=1"])("is not found where the id is %j", async (id) => {
    for (const route of classRoutes) {
      expect(await outcome(await ask(route, tokens.get("admin"), id))).toBe("class_not_found");
    }
  });
});

it("nothing answers without a credential but what is listed here", () => {
  expect(
    routes
      .filter(isOpen)
      .map(({ method, path }) => `${method} ${path}`)
      .sort(),
  ).toEqual([
    "get /api/v1/auth/methods",
    "get /api/v1/auth/oidc/callback",
    "get /api/v1/auth/oidc/start",
    "get /api/v1/docs",
    "get /api/v1/health",
    "get /api/v1/health/database",
    "get /api/v1/health/ready",
    "get /api/v1/openapi.json",
    "get /health",
    "get /metrics",
    "post /api/v1/auth/admin-token",
    "post /api/v1/auth/join",
    "post /api/v1/auth/login-link/redeem",
    "post /api/v1/auth/token",
  ]);
});

it("a route without a policy is no route", () => {
  const handle = () => new Response();
  // @ts-expect-error: the policy is what makes it one
  const route: Route = { method: "get", path: "/open", handle };
  expect(route).not.toHaveProperty("policy");
});

describe("what is no route", () => {
  it.for(["/api/v1/nothing", "/api/v1/", "/api/v1/events/", "/api/v2/events", "/api/v1/classes/x/y/z"])(
    "is not found: %s",
    async (path) => {
      expect(await codeOf(await call(path))).toBe("not_found");
    },
  );

  it("as a method is named along with those that are", async () => {
    const response = await call("/api/v1/classes", { method: "DELETE" });
    expect(response.headers.get("allow")).toBe("POST, GET");
    expect(await codeOf(response)).toBe("method_not_allowed");
  });
});

describe("a page of another origin", () => {
  const origin = "https://hub.example";

  it("may send a bearer, and no cookie", async () => {
    const headers = {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization",
    };
    const response = await call("/api/v1/events", { method: "OPTIONS", headers });
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("access-control-allow-headers")).toContain("authorization");
    expect(response.headers.has("access-control-allow-credentials")).toBe(false);
  });

  it("may read a refusal", async () => {
    const response = await call("/api/v1/events", { body: [], headers: { origin } });
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(await codeOf(response)).toBe("unauthenticated");
  });
});

it("no answer of the API is kept on its way, be it good or a refusal", async () => {
  for (const path of ["/api/v1/health", "/api/v1/auth/me", "/api/v1/nothing"]) {
    expect((await call(path)).headers.get("cache-control")).toBe("no-store");
  }
});
