import { bearerSchema } from "@cell-monitor/protocol";
import { base64url, decodeProtectedHeader, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { call, codeOf, newClass, newEvent, newStudent, read, testEnv } from "./api.ts";
import { forge, signingKey } from "./forge.ts";

const oldKeys = testEnv().TOKEN_KEYS ?? "";
const newKey = `next:${"n".repeat(43)}`;

async function adminToken(keys: string): Promise<string> {
  const env = { TOKEN_KEYS: keys };
  const response = await call("/api/v1/auth/admin-token", { body: { adminKey: "a".repeat(43) }, env });
  return (await read(response, bearerSchema)).token;
}

function postWith(token: string, keys: string): Promise<Response> {
  return call("/api/v1/events", { token, body: newEvent(), env: { TOKEN_KEYS: keys } });
}

describe("the signing key changes without a gap", () => {
  it("the first key signs, and what the old one signed is good while it stands in the list", async () => {
    const student = await newStudent(await newClass());
    const both = `${newKey},${oldKeys}`;
    expect(decodeProtectedHeader(await adminToken(both)).kid).toBe("next");
    expect((await postWith(student.token, both)).status).toBe(200);
    const refreshed = await call("/api/v1/auth/token", {
      body: { refreshToken: student.refreshToken },
      env: { TOKEN_KEYS: both },
    });
    expect(refreshed.status).toBe(200);
    expect(await codeOf(await postWith(student.token, newKey))).toBe("unauthenticated");
  });

  it("may be made known everywhere before it signs", async () => {
    const early = `${oldKeys},${newKey}`;
    const token = await adminToken(newKey);
    expect((await call("/api/v1/classes", { token, env: { TOKEN_KEYS: early } })).status).toBe(200);
    expect(decodeProtectedHeader(await adminToken(early)).kid).toBe("test");
  });

  it("and a key's name does not bring back a key that was replaced under it", async () => {
    const student = await newStudent(await newClass());
    expect(await codeOf(await postWith(student.token, `test:${"z".repeat(43)}`))).toBe("unauthenticated");
  });
});

describe("a token is refused that says of itself", () => {
  const cases: [string, object][] = [
    ["that it needs no signature, however it is spelt", { alg: "None" }],
    ["that it is signed by an algorithm with public keys", { alg: "RS256" }],
    ["that its key is a file", { kid: "../../dev/null" }],
    ["that its key is what every object has", { kid: "constructor" }],
    ["that its key has no name", { kid: "" }],
    ["nothing of its key", { kid: undefined }],
    ["that it brings its key along", { jwk: { kty: "oct", k: base64url.encode("k".repeat(32)) } }],
    ["where its key is to be fetched", { jku: "https://evil.example/keys", kid: "evil" }],
    ["that something unknown must be understood", { crit: ["exp"], exp: 1 }],
  ];

  it.for(cases)("%s", async ([, header]) => {
    const { id } = (await newClass()).class;
    const good = await forge(id);
    const payload = good.split(".")[1] ?? "";
    const protectedHeader = { alg: "HS256", kid: "test", typ: "JWT", ...header };
    const head = base64url.encode(JSON.stringify(protectedHeader));
    const key = await crypto.subtle.importKey("raw", signingKey(), { name: "HMAC", hash: "SHA-256" }, false, [
      "sign",
    ]);
    const signed = new TextEncoder().encode(`${head}.${payload}`);
    const signature = base64url.encode(new Uint8Array(await crypto.subtle.sign("HMAC", key, signed)));
    const isHarmless = "jwk" in header;
    const response = await postWith(`${head}.${payload}.${signature}`, oldKeys);
    // A key that comes along is not looked at: ours signed it.
    expect(response.status).toBe(isHarmless ? 200 : 401);
  });

  it("that its key is the one it brings along", async () => {
    const { id } = (await newClass()).class;
    const own = new TextEncoder().encode("o".repeat(32));
    const nowS = Math.floor(Date.now() / 1000);
    const token = await new SignJWT({ sub: "a", use: "access", role: "student", cls: { [id]: 1 } })
      .setProtectedHeader({ alg: "HS256", kid: "test", jwk: { kty: "oct" } })
      .setIssuer("cell-monitor")
      .setAudience("cell-monitor")
      .setIssuedAt(nowS)
      .setExpirationTime(nowS + 600)
      .sign(own);
    expect(await codeOf(await postWith(token, oldKeys))).toBe("unauthenticated");
  });
});
