import { classResponseSchema, eventsAnswerSchema } from "@cell-monitor/protocol";
import * as v from "valibot";
import { beforeAll, describe, expect, it } from "vitest";
import { isOpen, parameterNames } from "../../worker/src/routes/route.ts";
import { routes } from "../../worker/src/routes/table.ts";
import {
  call,
  logged,
  newClass,
  newEvent,
  newStudent,
  post,
  read,
  type TestClass,
} from "../../worker/test/api.ts";

const injections = [
  "' OR '1'='1",
  "'; DROP TABLE classes; --",
  "1) UNION SELECT email FROM instructors --",
  String.raw`\'; SELECT pg_sleep(10) --`,
  "$1",
  "%' OR 1=1 %",
  "../../../etc/passwd",
  "..%2f..%2f",
  "%00",
  "\r\nset-cookie: a=b",
  "{{7*7}}${7*7}",
];

let made: TestClass;
let before: string;

/** More than anybody may ask in a minute. */
const env = { LIMIT_SCALE: "100" };

/** The class, and how many there are by its code: what a text that becomes a statement would change. */
async function classes(): Promise<string> {
  const { id, class_code } = made.class;
  const row = await call(`/api/v1/classes/${id}`, { token: made.admin, env });
  const list = await call(`/api/v1/classes?class_code=${class_code}`, { token: made.admin, env });
  return (await row.text()) + (await list.text());
}

beforeAll(async () => {
  made = await newClass();
  before = await classes();
});

const guarded = routes.filter((route) => !isOpen(route));

describe.for(injections)("%j", (text) => {
  it("as a parameter of an address names nothing: refused with 4xx, by every route", async () => {
    for (const { method, path } of guarded.filter((route) => parameterNames(route.path).length > 0)) {
      // What any text may name is asked for in another test.
      if (path.includes(":testId") || path.includes(":helpId")) continue;
      const address = path.replaceAll(/:\w+/g, encodeURIComponent(text));
      const response = await call(address, { method: method.toUpperCase(), token: made.admin, env });
      expect(`${path} ${response.status}`).toMatch(/ 4\d\d$/);
      expect(response.headers.has("set-cookie")).toBe(false);
    }
    expect(await classes()).toBe(before);
  });

  it("as each value of a query is a value: no fault, and nothing is changed by it", async () => {
    for (const { path, query } of guarded.filter(({ method }) => method === "get")) {
      const names = query && "entries" in query && v.is(v.record(v.string(), v.unknown()), query.entries);
      for (const name of names ? Object.keys(query.entries as object) : []) {
        const search = new URLSearchParams({ [name]: text });
        const address = `${path.replaceAll(/:\w+/g, made.class.id)}?${search.toString()}`;
        const response = await call(address, { token: made.admin, env });
        expect(`${address} ${response.status}`).toMatch(/ (?:200|4\d\d)$/);
      }
    }
    expect(await classes()).toBe(before);
  });

  it("as a text is kept as a text, in rows and in events", async () => {
    const body = { name: `A${text}`, class_code: `C-${crypto.randomUUID().slice(0, 8)}`, description: text };
    const row = await read(
      await call("/api/v1/classes", { token: made.admin, body, env }),
      classResponseSchema,
    );
    expect(row.description).toBe(text);
    const { token } = await newStudent(made, `user ${text.trim()} ${crypto.randomUUID()}`);
    const sent = newEvent({ notebookPath: text, kernelName: text, note: text });
    expect(await post(token, sent)).toMatchObject({ accepted: 1 });
    expect((await logged(made.class.id)).at(-1)?.e).toMatchObject({ notebookPath: text, kernelName: text });
    const test = encodeURIComponent(`t ${text.trim()}`);
    const captured = await call(`/api/v1/test/events/${test}`, { token, body: newEvent() });
    expect(captured.status === 200 || text.includes("\r")).toBe(true);
    if (captured.status === 200) await read(captured, eventsAnswerSchema);
  });
});
