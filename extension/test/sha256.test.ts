import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sourceHashOf } from "../src/capture/cell-facts.ts";
import { sha256Hex } from "../src/capture/sha256.ts";

describe("sha256Hex", () => {
  it("agrees with OpenSSL on any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (text) => {
        expect(sha256Hex(text)).toBe(createHash("sha256").update(text.toWellFormed()).digest("hex"));
      }),
    );
  });

  it.each([0, 1, 55, 56, 63, 64, 65, 119, 120, 100_000])("agrees on %i bytes", (length) => {
    const text = "x".repeat(length);
    expect(sha256Hex(text)).toBe(createHash("sha256").update(text).digest("hex"));
  });
});

describe("sourceHashOf", () => {
  it("ignores blanks around a source and nothing else", () => {
    expect(sourceHashOf("\n  x = 1\n")).toBe(sourceHashOf("x = 1"));
    expect(sourceHashOf("x = 1")).not.toBe(sourceHashOf("x  = 1"));
    expect(sourceHashOf("x = 1")).toMatch(/^[0-9a-f]{16}$/);
  });
});
