import { beforeAll, describe, expect, it } from "vitest";
import { isOpen, type Route } from "../src/routes/route.ts";
import { routes } from "../src/routes/table.ts";
import { call, codeOf, newInstructor, newStudent } from "./api.ts";
import { type Asker, askers, expected, furnish, type Verdict } from "./matrix/askers.ts";
import { addressOf, type Furnished } from "./matrix/fixtures.ts";

let classId: string;
let at: Furnished;
let tokens: ReadonlyMap<Asker, string>;

beforeAll(async () => {
  ({ at, tokens } = await furnish());
  classId = at.made.class.id;
});

const guarded = routes.flatMap((route) => (isOpen(route) ? [] : [route]));
// What ends credentials or takes things away comes last, lest it decide what others are answered.
const ends = /revoke|logout|join-code|rotate|enrolments\/:/;
const place = ({ method, path }: Route) =>
  Math.max(
    method === "delete" ? 1 : 0,
    ends.test(path) ? 2 : 0,
    method === "delete" && path === "/api/v1/classes/:classId" ? 3 : 0,
  );
const ordered = guarded.toSorted((a, b) => place(a) - place(b));

const policyCodes = new Set(["unauthenticated", "forbidden", "class_not_found"]);
/** Said of what isn't there, or before it is looked for. */
const hidingCodes = new Set(["not_found", "class_not_found", "unsupported_media_type", "invalid_body"]);

function verdictOf(code: string | undefined, wanted: Verdict): string {
  if (wanted === "hidden") return code !== undefined && hidingCodes.has(code) ? "hidden" : "let in";
  return code !== undefined && policyCodes.has(code) ? code : "let in";
}

/** Asks without a body, or with one that changes nothing: who is let in gets as far as being told so. */
function ask({ method }: Pick<Route, "method">, address: string, token: string | undefined) {
  return call(address, {
    method: method.toUpperCase(),
    ...(token !== undefined && { token }),
    ...(method === "put" && { body: {} }),
  });
}

async function codeOrNone(response: Response): Promise<string | undefined> {
  return response.status < 400 ? undefined : codeOf(response);
}

describe.for(ordered)("$method $path", (route) => {
  let address: string;
  // Made anew for each: what one route removes, the next one asks for.
  beforeAll(async () => {
    address = await addressOf(route, at);
  });

  it.for(askers)("answers %s as its policy says", async (asker) => {
    const wanted = expected(route, asker);
    const response = await ask(route, address, tokens.get(asker));
    expect(verdictOf(await codeOrNone(response), wanted)).toBe(wanted);
  });
});

describe("a credential that was revoked", () => {
  // Nothing is looked up where nothing is shown: what these make or end opens nothing by itself.
  const blind = new Set(["/api/v1/auth/ticket", "/api/v1/auth/logout", "/api/v1/auth/oidc/logout"]);
  let address: (route: Route) => Promise<string>;
  let revoked: ReadonlyMap<string, string>;

  beforeAll(async () => {
    const { at: here } = await furnish();
    const { class: row, admin } = here.made;
    address = (route) => addressOf(route, { ...here, student: spare, instructor: other });
    const [spare, other] = [await newStudent(here.made), await newInstructor(here.made)];
    const end = (path: string) => call(path, { method: "POST", token: admin });
    for (const path of [
      `/api/v1/classes/${row.id}/students/${here.student.studentId}/revoke`,
      `/api/v1/instructors/${here.instructor.id}/revoke`,
    ]) {
      if (!(await end(path)).ok) throw new Error(`not revoked: ${path}`);
    }
    revoked = new Map([
      ["student", here.student.token],
      ["instructor", here.instructor.token],
    ]);
  });

  const cases = ["student", "instructor"].flatMap((holder) =>
    guarded
      .filter(({ policy, path }) => policy.roles.some((role) => role === holder) && !blind.has(path))
      .map((route) => ({ ...route, holder })),
  );

  it.for(cases)("of a $holder gets nothing from $method $path", async ({ holder, ...route }) => {
    const response = await ask(route, await address(route), revoked.get(holder));
    expect(response.status).toBeGreaterThanOrEqual(400);
  });
});

it("a parameter that nobody knows how to fill is told, along with where to say it", async () => {
  const unknown = guarded.slice(0, 1).map((route) => ({ ...route, path: "/api/v1/things/:thingId" }));
  expect(unknown).toHaveLength(1);
  for (const route of unknown)
    await expect(addressOf(route, at)).rejects.toThrow("worker/test/matrix/fixtures.ts");
});

describe("an address of a class", () => {
  const classRoutes = guarded.filter(({ path }) => path.includes("/:classId"));

  it("has a policy that asks for the class", () => {
    expect(classRoutes.map(({ policy }) => policy.classParameter)).toEqual(classRoutes.map(() => "classId"));
  });

  it.for(["no-uuid", "%00", "..%2f..", "' OR 1=1"])("is not found where the id is %j", async (id) => {
    for (const route of classRoutes) {
      const address = route.path.replace(":classId", id).replaceAll(/:\w+/g, classId);
      expect(await codeOf(await ask(route, address, tokens.get("admin")))).toBe("class_not_found");
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
