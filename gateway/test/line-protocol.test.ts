import { Point } from "@influxdata/influxdb-client";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parseLines } from "../src/influx/line-protocol.ts";

describe("parseLines", () => {
  it("reads measurement, sorted tags, fields of every type and timestamp", () => {
    const line = 'm,b=2,a=1 f=1.5,g=-2e3,i=-3i,u=4u,s="x",t=true,n=F 1700000000000000001';

    expect(parseLines(line, 1n)).toEqual({
      problems: [],
      points: [
        {
          measurement: "m",
          tags: [
            ["a", "1"],
            ["b", "2"],
          ],
          fields: [
            ["f", { type: "float", value: 1.5 }],
            ["g", { type: "float", value: -2000 }],
            ["i", { type: "integer", value: "-3" }],
            ["u", { type: "unsigned", value: "4" }],
            ["s", { type: "string", value: "x" }],
            ["t", { type: "boolean", value: true }],
            ["n", { type: "boolean", value: false }],
          ],
          timestamp: 1_700_000_000_000_000_001n,
        },
      ],
    });
  });

  it("reads escaped commas, spaces and equals signs, and a backslash before others as itself", () => {
    const line = String.raw`a\ b\,c=d\e,t\ 1=v\,\=\ 2,path=C:\x f\ g="q\"uo\\te, x=1 \n" 1`;

    const [point] = parseLines(line, 1n).points;

    expect(point).toMatchObject({
      measurement: String.raw`a b,c=d\e`,
      tags: [
        ["path", String.raw`C:\x`],
        ["t 1", "v,= 2"],
      ],
      fields: [["f g", { type: "string", value: String.raw`q"uo\te, x=1 \n` }]],
    });
  });

  it("takes a line break in a quoted value for a part of it", () => {
    const { points, problems } = parseLines('m a="one\ntwo",b=1 1\nm a="three" 2', 1n);

    expect(problems).toEqual([]);
    expect(points.map(({ fields }) => fields[0])).toEqual([
      ["a", { type: "string", value: "one\ntwo" }],
      ["a", { type: "string", value: "three" }],
    ]);
  });

  it("leaves out empty lines and comments, whatever they quote", () => {
    const { points, problems } = parseLines("\r\n# it's \"so\nm f=1 1\r\n\n  m f=2 2\n", 1n);

    expect(problems).toEqual([]);
    expect(points.map(({ timestamp }) => timestamp)).toEqual([1n, 2n]);
  });

  it("counts a timestamp in the unit it is in, and has none where there is none", () => {
    const { points } = parseLines("m f=1 -5\nm f=1", 1_000_000n);

    expect(points.map(({ timestamp }) => timestamp)).toEqual([-5_000_000n, undefined]);
  });

  it.each([
    ["m", "missing fields"],
    ["m,a=1", "missing fields"],
    [",a=1 f=1", "missing measurement"],
    ["m, f=1", "missing tag key"],
    ["m,=1 f=1", "missing tag key"],
    ["m,a f=1", "missing tag value"],
    ["m,a= f=1", "missing tag value"],
    ["m,a=b=c f=1", "invalid tag format"],
    ["m,a=1,a=2 f=1", "duplicate tags"],
    ["m =1", "missing field key"],
    ["m f", "missing field value"],
    ["m f=", "missing field value"],
    ["m f=1,", "missing field key"],
    ["m f=1, g=2", "missing field key"],
    ["m f=abc", "invalid number"],
    ["m f=1.5i", "invalid number"],
    ["m f=-1u", "invalid number"],
    ["m f=9223372036854775808i", "invalid number"],
    ["m f=18446744073709551616u", "invalid number"],
    ["m f=1e999", "invalid number"],
    ["m f=0x1", "invalid number"],
    ["m f=NaN", "invalid number"],
    ["m f=tRUE", "invalid boolean"],
    ['m f="x', "unbalanced quotes"],
    ['m f="x"y', "invalid field format"],
    ["m f=1 12x", "bad timestamp"],
    ["m f=1 1.5", "bad timestamp"],
    ["m f=1 1 2", "bad timestamp"],
    ["m f=1 9223372036854775807", "time outside range"],
  ])("says of %s: %s", (line, problem) => {
    const { points, problems } = parseLines(`m f=1 1\n${line}`, 1n);

    expect(problems).toEqual([`unable to parse '${line}': ${problem}`]);
    expect(points).toHaveLength(1);
  });

  it("refuses a timestamp that only its unit takes out of range", () => {
    expect(parseLines("m f=1 9223372036854775", 1_000_000n).problems).toEqual([
      expect.stringContaining("time outside range"),
    ]);
  });

  it("reads back every point that InfluxDB's client writes", () => {
    // It writes -0 as 0; a line break in a name as two characters; and a backslash there as it is.
    const name = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
      .filter((text) => !/[\n\r\t\\]|^[#\s]|^$/.test(text));
    const text = fc.string({ unit: "binary", maxLength: 40 }).filter((value) => value.isWellFormed());
    const point = fc.record({
      measurement: name,
      tags: fc.dictionary(name, name),
      text,
      float: fc.double({ noNaN: true, noDefaultInfinity: true }).filter((float) => !Object.is(float, -0)),
      int: fc.maxSafeInteger(),
    });

    fc.assert(
      fc.property(point, ({ measurement, tags, text, float, int }) => {
        const written = new Point(measurement)
          .stringField("text", text)
          .floatField("float", float)
          .intField("int", int)
          .timestamp("7");
        for (const [key, value] of Object.entries(tags)) written.tag(key, value);

        const { points, problems } = parseLines(String(written), 1n);

        expect(problems).toEqual([]);
        expect(points).toHaveLength(1);
        expect(points[0]?.measurement).toBe(measurement);
        expect(Object.fromEntries(points[0]?.tags ?? [])).toEqual(tags);
        expect(Object.fromEntries(points[0]?.fields ?? [])).toEqual({
          text: { type: "string", value: text },
          float: { type: "float", value: float },
          int: { type: "integer", value: String(int) },
        });
      }),
    );
  });
});
