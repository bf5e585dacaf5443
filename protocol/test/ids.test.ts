import { describe, expect, it } from "vitest";
import { createdId, naturalId, normalizeJoinCode, studentIdOf } from "../src/index.ts";

describe("the id of a natural key", () => {
  it("is the UUIDv8 of the SHA-256 of its length-prefixed parts, for ever: rows are named by it", () => {
    // printf 7:student3:hub3:ada | sha256sum, with version and variant set
    expect(naturalId("student", "hub", "ada")).toBe("b9865fa3-873a-8d51-951d-f3f4ce4e193f");
    expect(naturalId("cell", "")).toBe("6ae92043-a3ff-8268-ad0d-525e60246efa");
    // (printf 4:cell60:; for i in $(seq 30); do printf 日本; done) | sha256sum
    expect(naturalId("cell", "日本".repeat(30))).toBe("7ec48939-cc8b-8d03-ae61-2f5509cee51b");
  });

  it("differs for parts that read the same in a row", () => {
    const ids = [
      naturalId("a", "bc", "d"),
      naturalId("a", "b", "cd"),
      naturalId("a", "bcd"),
      naturalId("a", "1:b"),
    ];
    expect(new Set(ids).size).toBe(4);
  });
});

describe("a student's id", () => {
  it.for(["Ada", " ada ", "ADA", "ａｄａ"])("is the same for %j as for ada", (subject) => {
    expect(studentIdOf("hub", subject)).toBe(studentIdOf("hub", "ada"));
  });

  it("differs between issuers", () => {
    expect(studentIdOf("hub", "ada")).not.toBe(studentIdOf("other hub", "ada"));
  });
});

describe("the id of what people create", () => {
  it("is a UUIDv7 that carries the time of RFC 9562's example", () => {
    expect(createdId(0x017f22e279b0)).toMatch(/^017f22e2-79b0-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it("sorts by time", () => {
    expect(createdId(1_000) < createdId(1_001)).toBe(true);
  });

  it("differs at the same time", () => {
    expect(createdId(1_000)).not.toBe(createdId(1_000));
  });
});

describe("a join code", () => {
  it.each(["HR4TSDG4", "hr4tsdg4", " HR4T-SDG4 ", "hr4t sdg4", "ＨＲ４Ｔ－ＳＤＧ４"])(
    "is the same typed as %s",
    (typed) => expect(normalizeJoinCode(typed)).toBe("HR4TSDG4"),
  );
});
