import { describe, expect, it } from "vitest";
import { redact } from "../src/capture/redact.ts";

// Put together here, so that no scanner takes them for real.
const github = ["ghp", "a".repeat(36)].join("_");
const aws = ["AKIA", "ABCDEFGHIJKLMNOP"].join("");
const jwt = ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0In0", "c2lnbmF0dXJl"].join(".");

describe("redact", () => {
  it.each([
    ['password = "hunter2"', 'password = "[redacted]"'],
    ["db_password='it\\'s'", "db_password='[redacted]'"],
    ['headers["api_key"] = "abc"', 'headers["api_key"] = "[redacted]"'],
    ['{"access_token": "abc"}', '{"access_token": "[redacted]"}'],
    ['SECRET_KEY = b"abc"', 'SECRET_KEY = b"[redacted]"'],
    [`use(${github})`, "use([redacted])"],
    [`KEY=${aws};`, "KEY=[redacted];"],
    [`Bearer ${jwt}`, "Bearer [redacted]"],
    ["postgres://ann:pw@db/x", "postgres://ann:[redacted]@db/x"],
    ["-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nrest", "[redacted]\nrest"],
  ])("%s", (text, expected) => expect(redact(text)).toBe(expected));

  it.each([
    "tokens = text.split()",
    "password = input()",
    "for key in keys: print(key)",
    "x = 'a:b@c'",
    "# 質問: パスワードとは",
  ])("leaves %s alone", (text) => expect(redact(text)).toBe(text));
});
