import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  byteLength,
  cutMark,
  cutText,
  isDeeperThan,
  repairJson,
  repairText,
  stripAnsi,
} from "../src/index.ts";

const anyText = fc.string({ unit: "binary" });

describe("a text that is cut", () => {
  it("is never longer than the bound, and well formed where it was", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: byteLength(cutMark), max: 60 }), (text, maxBytes) => {
        const cut = cutText(text, maxBytes);
        expect(byteLength(cut)).toBeLessThanOrEqual(maxBytes);
        expect(cut.isWellFormed()).toBe(true);
        expect(cut === text || cut.endsWith(cutMark)).toBe(true);
      }),
    );
  });

  it.for([
    ["a", 1],
    ["é", 2],
    ["字", 3],
    ["😀", 4],
  ] as const)("of %s fits to the last byte and is cut one byte on", ([character, bytes]) => {
    const text = character.repeat(12);
    expect(cutText(text, 12 * bytes)).toBe(text);
    const cut = cutText(text + character, 12 * bytes);
    expect(cut).toBe(character.repeat(Math.floor((12 * bytes - byteLength(cutMark)) / bytes)) + cutMark);
  });
});

describe("a repaired text", () => {
  it("has neither U+0000 nor a lone surrogate, and the rest as it was", () => {
    expect(repairText("a\u0000b\uD800c😀")).toBe("a\uFFFDb\uFFFDc😀");
  });

  it("is the same when nothing was wrong", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\u0000", "")),
        (text) => {
          expect(repairText(text)).toBe(text);
        },
      ),
    );
  });

  it("is repaired in every place of a JSON value, keys included", () => {
    const given = JSON.parse('{"a\\u0000":["\\ud800",{"b":"\\u0000"}],"__proto__":{"x":1}}');
    expect(JSON.stringify(repairJson(given))).toBe(
      '{"a\uFFFD":["\uFFFD",{"b":"\uFFFD"}],"__proto__":{"x":1}}',
    );
  });
});

describe("depth", () => {
  it("counts objects and lists, and no scalar", () => {
    expect(isDeeperThan("text", 0)).toBe(false);
    expect(isDeeperThan({ a: 1 }, 1)).toBe(false);
    expect(isDeeperThan({ a: [] }, 1)).toBe(true);
    expect(isDeeperThan([[[{}]]], 4)).toBe(false);
    expect(isDeeperThan([[[{}]]], 3)).toBe(true);
  });

  it("is measured of what is made to exhaust the stack", () => {
    expect(isDeeperThan(JSON.parse("[".repeat(500_000) + "]".repeat(500_000)), 32)).toBe(true);
  });
});

describe("terminal colours", () => {
  it("are left out, with window titles and the rest of what is not text", () => {
    expect(stripAnsi("\u001B[0;31mred\u001B[0m \u001B]0;title\u0007plain \u001B[38;2;1;2;3mrgb\u001BM")).toBe(
      "red plain rgb",
    );
  });
});
