import { describe, expect, it } from "vitest";
import { rowsAtEnd } from "../src/commands/end-mark.ts";
import { run } from "./cli.ts";

describe("the end of an export", () => {
  it.each([
    ["csv", "id,at\r\n1,2\r\n#end,1\r\n", 1],
    ["csv", "id,at,x\r\n#end,0,\r\n", 0],
    ["csv", "id,at\r\n1,2\r\n", undefined],
    ["csv", "id,at\r\n#end,1", undefined],
    ["csv", 'id\r\n"a #end,3\r\n', undefined],
    ["jsonl", '{"id":1}\n{"end":true,"rows":1}\n', 1],
    ["jsonl", '{"id":1}\n', undefined],
    ["jsonl", "", undefined],
    ["xapi", "[\n{}\n]\n", null],
    ["xapi", "[\n{}", undefined],
  ] as const)("of %s %j says %s rows", (format, text, rows) => {
    expect(rowsAtEnd(format, text)).toBe(rows);
  });
});

describe("an export", () => {
  it("needs a file where the answer is to be JSON", async () => {
    expect(await run(["export", "X", "--json", "--url", "http://127.0.0.1:9"])).toMatchObject({ code: 2 });
  });
});
