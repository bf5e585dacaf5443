import { beforeAll, describe, expect, it } from "vitest";
import { isOpen } from "../../worker/src/routes/route.ts";
import { routes } from "../../worker/src/routes/table.ts";
import { call, codeOf, newClass, newInstructor, origin } from "../../worker/test/api.ts";
import { logIn, sessionName } from "../../worker/test/sessions.ts";

let session: string;
let classId: string;

beforeAll(async () => {
  const made = await newClass();
  classId = made.class.id;
  session = await logIn(made, (await newInstructor(made)).id);
});

const changing = routes.filter((route) => !isOpen(route) && route.method !== "get");

describe("a page that is not ours, with the session's cookie that a browser adds, is refused with origin_refused", () => {
  it.for<[string, Readonly<Record<string, string>>]>([
    ["of another site", { origin: "https://evil.example" }],
    ["of another port", { origin: `${origin}:8443` }],
    ["of the same host without TLS", { origin: origin.replace("https", "http") }],
    ["of a subdomain", { origin: origin.replace("//", "//evil.") }],
    ["whose host begins with ours", { origin: `${origin}.evil.example` }],
    ["in a sandbox", { origin: "null" }],
    ["that hides its origin", {}],
    ["that claims ours elsewhere", { referer: `${origin}/`, "x-forwarded-host": "class.example" }],
  ])("%s, whatever it would change", async ([, headers]) => {
    for (const { method, path } of changing) {
      const address = path.replaceAll(/:\w+/g, classId);
      const asked = {
        method: method.toUpperCase(),
        headers: { cookie: `${sessionName}=${session}`, ...headers },
      };
      expect(`${path} ${await codeOf(await call(address, asked))}`).toBe(`${path} origin_refused`);
    }
  });

  it("when it opens a live connection", async () => {
    const headers = {
      cookie: `${sessionName}=${session}`,
      origin: "https://evil.example",
      upgrade: "websocket",
    };
    expect(await codeOf(await call(`/api/v1/live/${classId}`, { headers }))).toBe("origin_refused");
    const { origin: _, ...without } = headers;
    expect(await codeOf(await call(`/api/v1/live/${classId}`, { headers: without }))).toBe("origin_refused");
  });

  it("and may read nothing: no answer allows credentials from elsewhere", async () => {
    const headers = { cookie: `${sessionName}=${session}`, origin: "https://evil.example" };
    const response = await call("/api/v1/auth/me", { headers });
    expect(response.headers.has("access-control-allow-credentials")).toBe(false);
    expect(await codeOf(response)).toBe("origin_refused");
  });
});
