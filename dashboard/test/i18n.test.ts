import { describe, expect, it } from "vitest";
import { preferredLocale } from "../src/i18n/context.tsx";

describe("the language of the page", () => {
  it.each([
    [["ja-JP", "en"], "ja"],
    [["fr", "ja"], "ja"],
    [["en-GB", "ja"], "en"],
    [["fr"], "en"],
    [[], "en"],
  ])("is, for a browser that asks for %j, %s", (languages, locale) => {
    expect(preferredLocale(languages)).toBe(locale);
  });
});
