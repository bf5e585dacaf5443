import { neon, type NeonQueryFunction } from "@neondatabase/serverless";
import { afterAll, beforeAll, expect, it } from "vitest";

import { describeOnPostgres } from "../../migrations/test/postgres.ts";
import type { Gateway } from "../src/index.ts";
import { openGateway } from "./gateways.ts";

const SERVER_URL = process.env["TEST_DATABASE_URL"];

/** Every type the tables use and those near them, at their edges. */
const EXPRESSIONS = [
  "true, false, NULL::boolean",
  "32767::smallint, '-2147483648'::integer, 9223372036854775807::bigint, 4294967295::oid",
  "0.1::real, 1e-45::real, 3.4028235e38::real, 'NaN'::real, '-Infinity'::real",
  "0.1::float8 + 0.2::float8, 5e-324::float8, 1.7976931348623157e308::float8, '-0'::float8, 1e21::float8, 1e15::float8",
  "123456789012345678901234567890.123456789::numeric, 1.10::numeric(10,4), 'NaN'::numeric, 'Infinity'::numeric, 0::numeric",
  "''::text, 'é\u{1f9ea}\u2028'::text, 'tab\tand\nline'::text, 'x'::char(4), 'ab'::varchar(8), 'a'::\"char\", 'n'::name",
  "'\\x'::bytea, '\\x0001ff5c27'::bytea",
  "'2024-02-29 23:59:59.123456+05:30'::timestamptz, '1883-11-18'::timestamptz, 'infinity'::timestamptz",
  "'0044-03-15 12:00 BC'::timestamptz, '9999-12-31 23:59:59.999999'::timestamp, '2024-01-01'::timestamp, '-infinity'::timestamp",
  "'2024-02-29'::date, '0001-01-01 BC'::date, 'infinity'::date, '5874897-12-31'::date",
  "'23:59:59.999999'::time, '24:00'::time, '12:34:56.7+05:30'::timetz",
  "'1 year 2 mons 3 days 04:05:06.789'::interval, '-1 day +00:00:01'::interval, '0'::interval",
  `'{"b": 1, "a": [1.10, null, "\\u00e9"], "b": 2}'::jsonb, '{"b": 1,  "b":2}'::json, 'null'::jsonb, '"x"'::jsonb, '1e3'::jsonb`,
  "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid",
  "'{1,NULL,3}'::int[], '{}'::int[], '{{1,2},{3,4}}'::int[], '[0:1]={1,2}'::int[], '{t,f}'::boolean[]",
  `ARRAY['a b', '', 'c,d', 'e"f', 'g\\h', 'NULL', NULL, '{}']::text[], ARRAY['{"a":1}'::jsonb], ARRAY['\\x00'::bytea]`,
  "ARRAY['2024-01-01 00:00+00'::timestamptz], ARRAY[1.50::numeric], ARRAY['1 day'::interval]",
  "'192.168.0.1/24'::inet, '10.0.0.0/8'::cidr, '::1'::inet, '08:00:2b:01:02:03'::macaddr",
  "'[1,10)'::int4range, 'empty'::int4range, '[2024-01-01,2024-02-01)'::tstzrange, '{[1,2),[5,6)}'::int4multirange",
  "B'101'::bit(3), B'1'::varbit, point(1.5,-2), box(point(0,0),point(1,1)), circle(point(0,0),2), '[(1,2),(3,4)]'::lseg",
  "ROW(1, 'a b', NULL, ROW('x,\"y\"'))::record, to_tsvector('simple', 'b a a'), 'a & !b'::tsquery",
  "'pg_class'::regclass, 'now'::regproc, '16/B374D848'::pg_lsn, '<a/>'::text, '/a[1]'::text",
];

const PARAMETERS: readonly (readonly [type: string, value: unknown])[] = [
  ["text", "a'b\"c\\d"],
  ["integer", 42],
  ["float8", 0.1],
  ["bigint", "9223372036854775807"],
  ["boolean", true],
  ["numeric", "1.10"],
  ["jsonb", { a: [1, "x", null] }],
  ["int[]", [1, null, 3]],
  [
    "int[]",
    [
      [1, 2],
      [3, 4],
    ],
  ],
  ["text[]", ["a b", "", "c,d", 'e"f', "g\\h", "NULL", null, "{}"]],
  ["boolean[]", [true, false, null]],
  ["jsonb[]", ['{"a":1}', "2"]],
  ["timestamptz", new Date(1_700_000_000_123)],
  ["timestamptz[]", [new Date(0), null]],
  ["bytea", Buffer.from([0, 1, 255])],
  ["bytea[]", [Buffer.from([0, 1, 255])]],
  ["uuid[]", ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"]],
  ["text", null],
];

describeOnPostgres("PGlite and a PostgreSQL server answer alike", () => {
  let embedded: Gateway;
  let server: Gateway;

  beforeAll(async () => {
    embedded = await openGateway();
    server = await openGateway({ databaseUrl: SERVER_URL });
  });
  afterAll(() => Promise.all([embedded.close(), server.close()]));

  it.each(EXPRESSIONS)("for SELECT %s", async (expression) => {
    const text = `SELECT ${expression}`;

    expect(await rawAnswer(embedded, text, [])).toEqual(await rawAnswer(server, text, []));
  });

  it.each(PARAMETERS)("for a parameter of %s: %j", async (type, value) => {
    const text = `SELECT $1::${type} AS value`;

    expect(await rawAnswer(embedded, text, [value])).toEqual(await rawAnswer(server, text, [value]));
  });
});

/** What came over the wire, in a time zone of its own because the servers' need not be the same. */
async function rawAnswer(gateway: Gateway, text: string, params: readonly unknown[]): Promise<unknown> {
  const sql: NeonQueryFunction<true, true> = neon(gateway.databaseUrl, {
    arrayMode: true,
    fullResults: true,
  });
  const asItCame = { types: { getTypeParser: () => (value: unknown) => value } };
  const [, answer] = await sql.transaction([
    sql`SET LOCAL TIME ZONE 'Asia/Kolkata'`,
    sql.query(text, [...params], asItCame),
  ]);
  return { fields: answer?.fields, rows: answer?.rows };
}
