import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { cleanName } from "../src/names.ts";
import { nameSchema } from "../src/http/texts.ts";
import { normalizeJoinCode } from "../src/ids.ts";

// What turns up next to what it changes far more often than in texts of any characters.
const parts = [
  "a",
  "e",
  " ",
  "\u0301",
  "\u0323",
  "\u200B",
  "\u200C",
  "\u200D",
  "\u202E",
  "\u3164",
  "👩",
  "1",
  "\uAC00",
  "\u1100",
];
const tricky = fc.array(fc.constantFrom(...parts)).map((chosen) => chosen.join(""));

describe("a name", () => {
  it.for([
    ["Ada Lovelace", "Ada Lovelace"],
    ["  Ada\t\n Lovelace  ", "Ada Lovelace"],
    ["山田\u3000太郎", "山田 太郎"],
    ["Zoe\u0308", "Zo\u00EB"],
    ["Ada\u200B\uFEFF\u2060", "Ada"],
    ["\u202EevaL\u202C", "evaL"],
    ["\u2066Ada\u2069\u200F", "Ada"],
    ["Ada\u0000\u001B[31m", "Ada[31m"],
    ["A\u3164\u2800\u115Fb", "A b"],
    ["Ada\u{E0041}\u{E007F}", "Ada"],
    ["می\u200Cخواهم", "می\u200Cخواهم"],
    ["👩\u200D💻", "👩\u200D💻"],
    ["Ada\u200D", "Ada"],
    ["Ada\uD800", "Ada\uFFFD"],
  ] as const)("%j is kept as %j", ([given, kept]) => {
    expect(cleanName(given)).toBe(kept);
  });

  it.for(["", " ", "\u200B", "\u3164", "\u202E\u202C", "\u0000", "\u2800\u2800"])("%j is none", (text) => {
    const parsed = v.safeParse(nameSchema, text);
    expect(parsed.issues?.[0].message).toBe("must hold something that can be seen");
  });

  it("stacks no more marks than a script needs", () => {
    expect(cleanName(`Z${"\u0304".repeat(500)}`).length).toBeLessThan(10);
  });

  it("once clean stays as it is, and holds nothing that turns the text around it", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), tricky), (text) => {
        const clean = cleanName(text);
        expect(cleanName(clean)).toBe(clean);
        expect(clean).not.toMatch(/[\u202A-\u202E\u2066-\u2069\n\r\u0000]/);
        expect(clean.normalize("NFC")).toBe(clean);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("a join code", () => {
  it.for([
    "KITE4827",
    "kite4827",
    "KITE-4827",
    "ｋｉｔｅ－４８２７",
    " kite 4827 ",
    "ＫＩＴＥ　４８２７",
    "k\u200Bite4827",
  ])("is understood as %j", (typed) => {
    expect(normalizeJoinCode(typed)).toBe("KITE4827");
  });
});
