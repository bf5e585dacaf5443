import { classResponseSchema, studentCredentialSchema } from "@cell-monitor/protocol";
import { beforeAll, describe, expect, it } from "vitest";
import { call, codeOf, newClass, read, refusalOf, type TestClass } from "../../worker/test/api.ts";

let made: TestClass;

beforeAll(async () => {
  made = await newClass();
});

const join = (joinCode: string, name: string) => call("/api/v1/auth/join", { body: { joinCode, name } });
/** What a student is called, as their token says it. */
function nameIn(token: string): unknown {
  const text = atob((token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/"));
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (c) => c.charCodeAt(0)))).name;
}

describe("a name", () => {
  it.each([
    ["\u202Enimda", "nimda"],
    ["A\u200Bda\u2060", "Ada"],
    ["Ada\u0000\u0007\n\tLovelace", "Ada Lovelace"],
    ["Ａｄａ", "Ａｄａ"],
  ])("that turns round, hides or breaks the line is kept to what can be seen: %j", async (sent, kept) => {
    const answer = await join(made.class.join_code ?? "", sent);
    const { token } = await read(answer, studentCredentialSchema);
    expect(nameIn(token)).toBe(kept);
  });

  it.each(["\u200B\u2060", "   ", "\u202E"])("of which nothing can be seen is none: %j", async (name) => {
    expect(await codeOf(await join(made.class.join_code ?? "", name))).toBe("invalid_body");
  });
});

describe("a code", () => {
  it("of a class that looks like another's, but for what cannot be seen, is refused", async () => {
    for (const code of [
      `${made.class.class_code}\u200B`,
      `\u202E${made.class.class_code}`,
      "ST\u00001",
      "a b",
    ]) {
      const body = { name: "Statistics", class_code: code };
      const refused = await refusalOf(await call("/api/v1/classes", { token: made.admin, body }));
      expect(refused).toMatchObject({ code: "invalid_body", details: [{ field: "class_code" }] });
    }
  });

  it("to join is the same however it is typed, and no other is", async () => {
    const code = made.class.join_code ?? "";
    const wide = Array.from(code, (letter) =>
      String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0),
    ).join("");
    for (const typed of [code.toLowerCase(), `${code.slice(0, 4)}-${code.slice(4)}`, ` ${wide} `]) {
      expect((await join(typed, "Ada")).status).toBe(200);
    }
    expect(await codeOf(await join(code.slice(0, -1), "Ada"))).toBe("class_not_found");
  });
});

it("a class made with fields that are not its maker's to set is not made", async () => {
  const code = `MA-${crypto.randomUUID().slice(0, 8)}`;
  for (const extra of [
    { key_version: 9 },
    { id: crypto.randomUUID() },
    { join_code: "AAAAAAAA" },
    { version: 7 },
  ]) {
    const body = { name: "x", class_code: code, ...extra };
    const refused = await refusalOf(await call("/api/v1/classes", { token: made.admin, body }));
    expect(refused).toMatchObject({ code: "invalid_body", details: [{ field: Object.keys(extra)[0] }] });
  }
  const fine = await call("/api/v1/classes", { token: made.admin, body: { name: "x", class_code: code } });
  expect((await read(fine, classResponseSchema)).class_code).toBe(code);
});
