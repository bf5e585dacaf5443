import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { errorFingerprint, normalizeMessage } from "../src/index.ts";
import recorded from "./fixtures/tracebacks.json" with { type: "json" };

const errorSchema = v.object({ errorName: v.string(), errorMessage: v.string(), errorTraceback: v.string() });
const errors = new Map(Object.entries(v.parse(v.record(v.string(), errorSchema), recorded)));

function fingerprint(title: string): string {
  const error = errors.get(title);
  if (!error) throw new Error(`There is no recorded error ${title}.`);
  return errorFingerprint(error);
}

describe("the fingerprint of errors that IPython reported", () => {
  it.for([
    ["in a function", "in the same function, other values"],
    ["in a library, called from a function", "in a library, other values"],
    ["index", "index with other values"],
    ["file", "file of another"],
    ["value", "other value"],
    ["object", "object elsewhere"],
  ])("is the same for the same mistake with other values: %s, %s", ([one = "", other = ""]) => {
    expect(fingerprint(one)).toBe(fingerprint(other));
  });

  it.for([
    ["name error", "name error of another name"],
    ["in a function", "in another function"],
    ["index", "key"],
    ["syntax", "other syntax"],
    ["operands", "object"],
  ])("differs for different mistakes: %s, %s", ([one = "", other = ""]) => {
    expect(fingerprint(one)).not.toBe(fingerprint(other));
  });

  it("is of the innermost frame that lies in a cell, whatever is called from there", () => {
    const frames = (...names: string[]) =>
      names
        .map((name) => (name.includes("/") ? `File ${name}` : `Cell In[3], line 1, in ${name}(x)`))
        .join("\n");
    const of = (errorTraceback: string) => errorFingerprint({ errorName: "E", errorTraceback });
    expect(of(frames("outer", "inner", "/lib/a.py, in helper(y)"))).toBe(of(frames("other", "inner")));
    expect(of(frames("outer", "inner"))).not.toBe(of(frames("inner", "outer")));
    expect(of("<ipython-input-7-abc> in inner(x)")).toBe(of("Input In [9], in inner(x)"));
  });

  it("is not looked for in a line that is longer than any of IPython's", () => {
    const of = (errorTraceback: string) => errorFingerprint({ errorName: "E", errorTraceback });
    expect(of(`Cell In[1]${" ".repeat(500)}in far(x)`)).toBe(of("Cell In[1]"));
  });

  it("is the same with and without the colours", () => {
    const plain = { errorName: "NameError", errorMessage: "name 'x' is not defined" };
    const coloured = { ...plain, errorMessage: "\u001B[31mname 'x' is not defined\u001B[0m" };
    expect(errorFingerprint(coloured)).toBe(errorFingerprint(plain));
  });

  it("begins with the exception's name, without what could break a label", () => {
    expect(errorFingerprint({ errorName: "My Error,x=1" })).toMatch(/^My_Error_x_1:[0-9a-f]{16}$/);
  });
});

describe("a normalized message", () => {
  it.for([
    ["name 'x' is not defined", "name 'x' is not defined"],
    ["'int' object has no attribute 'foo_bar'", "'int' object has no attribute 'foo_bar'"],
    ["can't multiply 'a b' by 'c d'", "can't multiply '…' by '…'"],
    [`could not convert "it's 12" to a number`, "could not convert '…' to a number"],
    ["index 7 is out of bounds for axis 0 with size 3", "index # is out of bounds for axis # with size #"],
    ["<Point object at 0x7f3a2b1c>", "<Point object at 0x…>"],
    ["no file C:\\Users\\ada\\marks.csv", "no file /…"],
    ["expected ':'", "expected ':'"],
    ["名前 '変数' は定義されていません", "名前 '変数' は定義されていません"],
    ["  two\n lines ", "two lines"],
  ])("of %j is %j", ([message = "", normalized]) => {
    expect(normalizeMessage(message)).toBe(normalized);
  });

  it("is made of a message's beginning, however long it is", () => {
    const start = "word ".repeat(400);
    expect(normalizeMessage(`${start}one end`)).toBe(normalizeMessage(`${start}another`));
  });
});
