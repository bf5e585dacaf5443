import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sha256 } from "../src/sha256.ts";

const hexOf = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const hashOf = (text: string) => hexOf(sha256(text));
const platformHashOf = async (text: string) =>
  hexOf(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));

describe("SHA-256 of a text", () => {
  it("is the one of the standard's examples", () => {
    expect(hashOf("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(hashOf("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect(hashOf("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")).toBe(
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    );
  });

  it("is the platform's, for any text of any length, whatever was hashed before", async () => {
    const unit = fc.constantFrom("a", "é", "日", "\u{1F600}");
    const text = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.tuple(unit, fc.nat({ max: 5_000 })).map(([repeated, times]) => repeated.repeat(times)),
    );
    await fc.assert(
      fc.asyncProperty(text, async (any) => {
        expect(hashOf(any)).toBe(await platformHashOf(any));
      }),
      { numRuns: 500 },
    );
  });
});
