import { groupResponseSchema, lessonResponseSchema, notebookResponseSchema } from "@cell-monitor/protocol";
import { beforeAll, describe, expect, it } from "vitest";
import { isOpen } from "../../worker/src/routes/route.ts";
import { routes } from "../../worker/src/routes/table.ts";
import {
  call,
  codeOf,
  logged,
  newClass,
  newEvent,
  newInstructor,
  newStudent,
  post,
  read,
} from "../../worker/test/api.ts";
import type { TestClass } from "../../worker/test/api.ts";

let made: TestClass;
let other: TestClass;
let teacher: string;

beforeAll(async () => {
  [made, other] = [await newClass(), await newClass()];
  teacher = (await newInstructor(made)).token;
});

const withBody = routes.filter(({ body }) => body !== undefined);
const addressOf = (path: string) => path.replaceAll(/:\w+/g, made.class.id);

describe("every route that takes JSON", () => {
  it("refuses ten thousand brackets, one in the other, with 4xx", async () => {
    const body = "[".repeat(10_000) + "]".repeat(10_000);
    const object = '{"a":'.repeat(10_000) + "1" + "}".repeat(10_000);
    for (const { method, path } of withBody) {
      for (const text of [body, object]) {
        const asked = { method: method.toUpperCase(), token: made.admin, body: text };
        const response = await call(addressOf(path), asked);
        expect(`${path} ${response.status}`).toMatch(/ 4\d\d$/);
      }
    }
  });

  it("refuses a body of another type with unsupported_media_type, so that no form of another site's page is one", async () => {
    for (const route of withBody.filter((each) => !isOpen(each))) {
      if (route.policy.kind === "roles" && !route.policy.roles.includes("admin")) continue;
      for (const type of [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=a",
      ]) {
        const headers = { "content-type": type };
        const asked = { method: route.method.toUpperCase(), token: made.admin, body: "{}", headers };
        const code = await codeOf(await call(addressOf(route.path), asked));
        expect(["unsupported_media_type", "not_found"]).toContain(code);
      }
    }
  });
});

describe("names that mean something to the language are plain names or refused", () => {
  it.for(["__proto__", "constructor", "prototype"])(
    "%s, in a body that changes a row: invalid_body",
    async (name) => {
      const body = `{"${name}":{"isAdmin":true,"polluted":"yes"}}`;
      const response = await call(`/api/v1/classes/${made.class.id}`, {
        method: "PUT",
        token: teacher,
        body,
      });
      // The language drops a literal `__proto__`, or keeps it as a field; neither way does it get anywhere.
      expect([200, 422]).toContain(response.status);
      expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
      expect("polluted" in {}).toBe(false);
    },
  );

  it.for(["__proto__", "constructor", "toString", "hasOwnProperty"])(
    "%s, as an event's field",
    async (name) => {
      const { token } = await newStudent(made);
      const { eventId, eventType, eventTime } = newEvent();
      const event = JSON.stringify({ eventId, eventType, eventTime });
      const body = `[${event.slice(0, -1)},"${name}":{"polluted":"yes"}}]`;
      expect(await post(token, body)).toMatchObject({ accepted: 1 });
      expect((await logged(made.class.id)).at(-1)?.e).toMatchObject({ eventId, eventType });
      expect("polluted" in {}).toBe(false);
    },
  );

  it("also as a kind of event, a session and a student", async () => {
    const { token } = await newStudent(made, "__proto__");
    for (const sessionId of ["__proto__", "constructor"]) {
      const answer = await post(token, newEvent({ sessionId, sequence: 1, eventType: "constructor" }));
      expect(answer).toMatchObject({ accepted: 1, acks: [{ sessionId, through: 1, missing: [] }] });
    }
  });
});

describe("a body that changes a row is refused with invalid_body where it names what is not to be changed", () => {
  const fields = {
    id: crypto.randomUUID(),
    key_version: 99,
    version: 99,
    created_at: "2020-01-01T00:00:00Z",
    join_code: "AAAABBBB",
    role: "admin",
  };
  it.for(Object.entries(fields))("%s, of a class", async ([field, value]) => {
    const asked = { method: "PUT", token: made.admin, body: { [field]: value } };
    expect(await codeOf(await call(`/api/v1/classes/${made.class.id}`, asked))).toBe("invalid_body");
  });

  it("the class, of what is in it", async () => {
    const body = { class_id: made.class.id, name: "A" };
    const team = await read(await call("/api/v1/teams", { token: teacher, body }), groupResponseSchema);
    const lesson = await read(
      await call("/api/v1/lessons", { token: teacher, body: { class_id: made.class.id, title: "A" } }),
      lessonResponseSchema,
    );
    for (const path of [`/api/v1/teams/${team.id}`, `/api/v1/lessons/${lesson.id}`]) {
      const asked = { method: "PUT", token: teacher, body: { class_id: other.class.id } };
      expect(await codeOf(await call(path, asked))).toBe("invalid_body");
    }
  });

  it("and a new class gets no version, key or id of its maker's choice", async () => {
    const body = { name: "A", class_code: `C-${crypto.randomUUID().slice(0, 8)}`, ...fields };
    const response = await call("/api/v1/classes", { token: made.admin, body });
    expect([201, 422]).toContain(response.status);
    const text = await response.text();
    expect(text).not.toContain(fields.id);
    expect(text).not.toMatch(/"(?:key_)?version":99/);
  });
});

describe("ids of another class in a body are refused as those of nothing: invalid_body", () => {
  it.for<[string, (id: string) => object]>([
    ["/api/v1/teams", (class_id) => ({ class_id, name: "A" })],
    ["/api/v1/sections", (class_id) => ({ class_id, name: "A" })],
    ["/api/v1/lessons", (class_id) => ({ class_id, title: "A" })],
    ["/api/v1/notebooks", (class_id) => ({ class_id, path: "a.ipynb" })],
  ])("%s", async ([path, bodyOf]) => {
    const codes = [];
    for (const id of [other.class.id, crypto.randomUUID()]) {
      codes.push(await codeOf(await call(path, { token: teacher, body: bodyOf(id) })));
    }
    expect(codes).toEqual(["invalid_body", "invalid_body"]);
  });

  it("a notebook of another class, for an assignment", async () => {
    const body = { class_id: other.class.id, path: "theirs.ipynb" };
    const response = await call("/api/v1/notebooks", { token: other.admin, body });
    const theirs = await read(response, notebookResponseSchema);
    const assignment = { class_id: made.class.id, notebook_id: theirs.id, title: "A" };
    expect(await codeOf(await call("/api/v1/assignments", { token: teacher, body: assignment }))).toBe(
      "invalid_body",
    );
  });

  it("a person of another class, for a login link or a token", async () => {
    const { id } = await newInstructor(other);
    for (const kind of ["login-links", "instructor-tokens"]) {
      const path = `/api/v1/classes/${made.class.id}/${kind}`;
      const code = await codeOf(await call(path, { token: made.admin, body: { instructor_id: id } }));
      expect(["invalid_body", "not_found"]).toContain(code);
    }
  });
});
