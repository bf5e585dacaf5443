import { describe, expect, it } from "vitest";
import { isOpen, type Route } from "../../src/routes/route.ts";
import { routes } from "../../src/routes/table.ts";
import { call, type Call, codeOf, newClass, newEvent, newInstructor, newStudent, origin } from "../api.ts";
import { forge } from "../forge.ts";
import { logIn, sessionName } from "../sessions.ts";

const post1 = (token: string, options: Call = {}) =>
  call("/api/v1/events", { token, body: newEvent(), ...options });

describe("what one credential may ask", () => {
  it("is told on every answer, good or not", async () => {
    const student = await newStudent(await newClass());
    const good = await post1(student.token);
    expect(good.headers.get("ratelimit-policy")).toBe('"student";q=1200;w=60, "class";q=60000;w=60');
    expect(good.headers.get("ratelimit")).toMatch(/^"student";r=\d+;t=1, "class";r=\d+;t=1$/);
    const bad = await post1(student.token, { body: "nonsense" });
    expect(bad.status).toBe(400);
    expect(bad.headers.get("ratelimit")).toMatch(/^"student";r=\d+;t=\d, /);
    const { token } = await newInstructor(await newClass());
    const listed = await call("/api/v1/classes", { token });
    expect(listed.headers.get("ratelimit-policy")).toBe('"person";q=1200;w=60');
  });

  it("is refused beyond, with the time to come again, and without looking at the body", async () => {
    const made = await newClass();
    const student = await newStudent(made);
    const env = { LIMIT_SCALE: "0.0025" };
    for (let sent = 0; sent < 3; sent += 1) expect((await post1(student.token, { env })).status).toBe(200);
    const refused = await post1(student.token, { env, body: "nonsense" });
    expect(refused.headers.get("retry-after")).toBe("20");
    expect(refused.headers.get("ratelimit")).toMatch(/^"student";r=0;t=60/);
    expect(await codeOf(refused)).toBe("rate_limited");
    const other = await newStudent(made);
    expect((await post1(other.token, { env })).status).toBe(200);
  });

  it.for(["0", "-1", "many", ""])(
    "is what it is by default where it is multiplied by %j",
    async (LIMIT_SCALE) => {
      const student = await newStudent(await newClass());
      const response = await post1(student.token, { env: { LIMIT_SCALE } });
      expect(response.headers.get("ratelimit-policy")).toContain('"student";q=1200;w=60');
    },
  );

  it("is counted by who it is, not by token: a second one of the same student helps nobody", async () => {
    const made = await newClass();
    const userId = crypto.randomUUID();
    const [one, two] = [await newStudent(made, userId), await newStudent(made, userId)];
    const env = { LIMIT_SCALE: "0.0017" };
    for (const { token } of [one, two]) expect((await post1(token, { env })).status).toBe(200);
    for (const { token } of [one, two])
      expect(await codeOf(await post1(token, { env }))).toBe("rate_limited");
  });

  it("is not used up by a credential that is none", async () => {
    const made = await newClass();
    const student = await newStudent(made);
    for (let sent = 0; sent < 5; sent += 1) {
      const forged = await forge(made.class.id, {
        claims: { sub: student.studentId },
        key: new Uint8Array(32),
      });
      expect((await post1(forged)).status).toBe(401);
    }
    expect((await post1(student.token)).headers.get("ratelimit")).toMatch(/^"student";r=1199;/);
  });
});

it("what concerns one class has a bound of its own, which another class does not share", async () => {
  const [made, other] = [await newClass(), await newClass()];
  const env = { LIMIT_SCALE: "0.0001" };
  const statuses: number[] = [];
  for (let sent = 0; sent < 8; sent += 1) {
    const { token } = await newStudent(made);
    statuses.push((await post1(token, { env })).status);
  }
  expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 429, 429]);
  expect((await post1((await newStudent(other)).token, { env })).status).toBe(200);
});

describe("without a credential", () => {
  const env = { LIMIT_SCALE: "0.0005" };
  const from = (address: string) => ({ "cf-connecting-ip": address });
  const refresh = (headers: Record<string, string>) =>
    call("/api/v1/auth/token", { body: { refreshToken: "none" }, headers, env });

  it("an address may ask so often, however many networks of its own it uses", async () => {
    for (const last of ["1", "2", "3"]) {
      expect(await codeOf(await refresh(from(`2001:db8:9:9::${last}`)))).toBe("unauthenticated");
    }
    const refused = await refresh(from("2001:db8:9:9:ffff::1"));
    expect(refused.headers.get("ratelimit-policy")).toBe('"address";q=3;w=60');
    expect(await codeOf(refused)).toBe("rate_limited");
    expect(await codeOf(await refresh(from("2001:db8:9:a::1")))).toBe("unauthenticated");
  });

  it("wrong admin keys are counted", async () => {
    const ask = (adminKey: string) =>
      call("/api/v1/auth/admin-token", {
        body: { adminKey },
        headers: from("192.0.2.50"),
        env: { LIMIT_SCALE: "0.1" },
      });
    for (let tried = 0; tried < 2; tried += 1)
      expect(await codeOf(await ask("wrong"))).toBe("unauthenticated");
    expect(await codeOf(await ask("a".repeat(43)))).toBe("rate_limited");
  });

  it("whether the service works may be asked at any time", async () => {
    for (let asked = 0; asked < 6; asked += 1) {
      expect((await call("/api/v1/health", { headers: from("192.0.2.51"), env })).status).toBe(200);
    }
  });
});

it("one refresh token is not used more often than any client needs", async () => {
  const { refreshToken } = await newStudent(await newClass());
  const ask = () => call("/api/v1/auth/token", { body: { refreshToken }, env: { LIMIT_SCALE: "0.034" } });
  expect([(await ask()).status, (await ask()).status, (await ask()).status]).toEqual([200, 200, 429]);
});

describe("another origin's page", () => {
  const foreign = "https://hub.example";
  const init = ({ method }: Route) => ({ method: method.toUpperCase() });
  const address = ({ path }: Route) => path.replaceAll(/:\w+/g, crypto.randomUUID());
  const ofApi = routes.filter(({ path }) => path.startsWith("/api/"));

  it.for(ofApi)(
    "may read what $method $path answers to a bearer, and is never allowed a cookie",
    async (route) => {
      const response = await call(address(route), {
        ...init(route),
        token: "none",
        headers: { origin: foreign },
      });
      expect(response.headers.get("access-control-allow-origin")).toBe("*");
      expect(response.headers.has("access-control-allow-credentials")).toBe(false);
      const exposed = response.headers.get("access-control-expose-headers") ?? "";
      for (const name of ["retry-after", "ratelimit", "ratelimit-policy", "x-total-count", "etag"]) {
        expect(exposed.toLowerCase().split(/, ?/)).toContain(name);
      }
    },
  );

  it.for(ofApi.filter((route) => !isOpen(route)))(
    "gets nothing of $method $path with a cookie",
    async (route) => {
      const made = await shared();
      const headers = { cookie: `${sessionName}=${made.session}`, origin: foreign };
      expect(await codeOf(await call(address(route), { ...init(route), headers }))).toBe("origin_refused");
    },
  );

  it.for(ofApi.filter((route) => !isOpen(route) && route.method !== "get"))(
    "changes nothing by $method $path with a cookie and no origin",
    async (route) => {
      const made = await shared();
      const headers = { cookie: `${sessionName}=${made.session}` };
      expect(await codeOf(await call(address(route), { ...init(route), headers }))).toBe("origin_refused");
    },
  );
});

let session: Promise<string> | undefined;

async function shared() {
  session ??= newClass().then(async (made) => logIn(made, (await newInstructor(made)).id));
  return { session: await session };
}

it("our own page's cookie is taken", async () => {
  const made = await shared();
  const headers = { cookie: `${sessionName}=${made.session}`, origin };
  expect((await call("/api/v1/auth/me", { headers })).status).toBe(200);
});
