import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { baseUrlOf, join, keepCredential } from "../src/index.ts";
import { FakeServer, refuseWith } from "./fake-server.ts";

let server: FakeServer;
let url: string;

function credential(token: string): Record<string, string> {
  return {
    token,
    refreshToken: `${token}-refresh`,
    expiresAt: "2026-11-22T10:15:00.000Z",
    studentId: "student",
    classId: "class",
  };
}

const held = {
  token: "t1",
  refreshToken: "r1",
  expiresAt: "2026-11-22T10:15:00.000Z",
  studentId: "student",
  classId: "class",
};

beforeEach(async () => {
  server = new FakeServer();
  url = await server.listen();
});
afterEach(() => server.close());

describe("join", () => {
  it("sends code and name, and gives the credential", async () => {
    server.answerWith(() => ({ status: 200, body: credential("t") }));
    expect(await join(`${url}/`, "ABC-123", "Hanako")).toEqual({
      kind: "granted",
      credential: credential("t"),
    });
    const [request] = server.requests;
    expect(request).toMatchObject({
      path: "/api/v1/auth/join",
      body: { joinCode: "ABC-123", name: "Hanako" },
    });
  });

  it("shows what joining gave before, so that the student is the same", async () => {
    server.answerWith(() => ({ status: 200, body: credential("t") }));
    await join(url, "ABC", "Hanako", undefined, held);
    expect(server.requests).toMatchObject([
      { body: { joinCode: "ABC", name: "Hanako", refreshToken: held.refreshToken } },
    ]);
  });

  it("tells a refusal, with its reason, from a server that may be asked again", async () => {
    server.answerWith(
      refuseWith(404, "not_found"),
      refuseWith(503, "unavailable", { "retry-after": "2" }),
      () => "reset",
    );
    expect(await join(url, "no", "x")).toEqual({ kind: "refused", code: "not_found", message: "not_found" });
    expect(await join(url, "no", "x")).toMatchObject({ kind: "unavailable", retryAfterMs: 2000 });
    expect(await join(url, "no", "x")).toMatchObject({ kind: "unavailable" });
  });

  it("takes no credential that is not one", async () => {
    server.answerWith(() => ({ status: 200, body: { token: 7 } }));
    expect(await join(url, "x", "x")).toMatchObject({ kind: "unavailable" });
  });
});

describe("keepCredential", () => {
  it("asks once for all who need a new token, and hands it on to be kept", async () => {
    const renewed: string[] = [];
    const onRenewed = ({ token }: { token: string }) => renewed.push(token);
    const kept = keepCredential({ server: url, credential: held, onRenewed });
    server.answerWith(() => ({ status: 200, body: credential("t2") }));
    expect(await Promise.all([kept.refresh(), kept.refresh()])).toEqual(["renewed", "renewed"]);
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]).toMatchObject({ path: "/api/v1/auth/token", body: { refreshToken: "r1" } });
    expect(kept.token()).toBe("t2");
    expect(renewed).toEqual(["t2"]);
  });

  it("says when the refresh token is good no more, and keeps quiet when the server is away", async () => {
    const refused: string[] = [];
    const onRefused = (code: string) => refused.push(code);
    const kept = keepCredential({ server: url, credential: held, onRefused });
    server.answerWith(() => "reset", refuseWith(401, "token_revoked"));
    expect(await kept.refresh()).toBe("unavailable");
    expect(refused).toEqual([]);
    expect(await kept.refresh()).toBe("refused");
    expect(refused).toEqual(["token_revoked"]);
  });
});

describe("baseUrlOf", () => {
  it.each([
    "https://c.example",
    "https://c.example/",
    "https://c.example/api/v1",
    "https://c.example/api/v1/events",
    "https://c.example/class/01a204ff-f16c-7b55-8bd1-588844adf499",
    "https://c.example/login#secret",
    " c.example ",
    "c.example/api/v1",
  ])("%s names the same server", (typed) => expect(baseUrlOf(typed)).toBe("https://c.example"));

  it.each(["localhost:8787", "127.0.0.1:8787", "[::1]:8787"])("%s is asked without TLS", (typed) =>
    expect(baseUrlOf(typed)).toBe(`http://${typed}`),
  );

  it.each([
    "https://class.example",
    "https://login.example",
    "https://c.example/monitor",
    "https://c.example/class-1",
  ])("%s is a server's address as it stands", (typed) => {
    expect(baseUrlOf(typed)).toBe(typed);
    expect(baseUrlOf(`${typed}/api/v1`)).toBe(typed);
  });

  it("makes no server of nothing", () => expect(baseUrlOf("  ")).toBe(""));
});
