import {
  bearerSchema,
  groupResponseSchema,
  instructorResponseSchema,
  keyResponseSchema,
  lessonResponseSchema,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import { parameterNames, type Route } from "../../src/routes/route.ts";
import { call, newEvent, type newInstructor, newStudent, post, read, type TestClass } from "../api.ts";
import { handIn, newAssignment, newNotebook } from "../work/work.ts";

/** What there is in a class, for addresses that name it. */
export interface Furnished {
  readonly made: TestClass;
  readonly student: Awaited<ReturnType<typeof newStudent>>;
  readonly instructor: Awaited<ReturnType<typeof newInstructor>>;
}

const idSchema = v.object({ id: v.string() });

async function idOf(path: string, token: string, body: object): Promise<string> {
  return (await read(await call(path, { token, body }), v.looseObject(idSchema.entries))).id;
}

/** Somebody who has a role in a class, as administrators give it. */
export async function newPerson(
  { class: { id }, admin }: TestClass,
  role: "ta" | "researcher",
  sections?: readonly string[],
) {
  const email = `${crypto.randomUUID()}@class.example`;
  const body = { email, name: "Grace", role, ...(sections && { section_ids: sections }) };
  const invited = await call(`/api/v1/classes/${id}/instructors`, { token: admin, body });
  const person = await read(invited, instructorResponseSchema);
  const issued = await call(`/api/v1/classes/${id}/instructor-tokens`, {
    token: admin,
    body: { instructor_id: person.id },
  });
  return { id: person.id, token: (await read(issued, bearerSchema)).token };
}

async function groupIn({ made: { class: row, admin } }: Furnished, kind: "teams" | "sections") {
  const body = { class_id: row.id, name: crypto.randomUUID() };
  return (await read(await call(`/api/v1/${kind}`, { token: admin, body }), groupResponseSchema)).id;
}

/**
 * How to make what a parameter of a path names, by the parameter's name. A name that stands for several things asks for
 * the path. Nothing of it is made with a credential that some route ends.
 */
const makers: Readonly<Record<string, (at: Furnished, path: string) => Promise<string>>> = {
  classId: async ({ made }) => made.class.id,
  studentId: async ({ student }) => student.studentId,
  // Instructors may change who helps them, and not each other.
  instructorId: async ({ made }) => (await newPerson(made, "ta")).id,
  helpId: async ({ made }) => {
    const student = await newStudent(made);
    const helpId = crypto.randomUUID();
    await post(student.token, newEvent({ eventType: "help", helpId }));
    return helpId;
  },
  notebookId: async ({ made }) => (await newNotebook({ made, token: made.admin })).id,
  assignmentId: async ({ made }) => (await newAssignment({ made, token: made.admin })).id,
  submissionId: async ({ made }) => {
    const assignment = await newAssignment({ made, token: made.admin });
    return (await handIn((await newStudent(made)).token, assignment.id)).id;
  },
  teamId: (at) => groupIn(at, "teams"),
  groupId: (at, path) => groupIn(at, path.startsWith("/api/v1/teams") ? "teams" : "sections"),
  lessonId: async ({ made: { class: row, admin } }) => {
    const body = { class_id: row.id, title: "Sums" };
    return (await read(await call("/api/v1/lessons", { token: admin, body }), lessonResponseSchema)).id;
  },
  keyId: async ({ made: { class: row, admin } }) => {
    const path = `/api/v1/classes/${row.id}/keys`;
    const key = await read(await call(path, { token: admin, body: { scopes: ["mint"] } }), keyResponseSchema);
    return v.parse(idSchema, key).id;
  },
  linkId: ({ made: { class: row, admin }, instructor }) =>
    idOf(`/api/v1/classes/${row.id}/login-links`, admin, { instructor_id: instructor.id }),
  testId: async ({ made }) => {
    const student = await newStudent(made);
    const testId = crypto.randomUUID();
    await call(`/api/v1/test/events/${testId}`, { token: student.token, body: newEvent() });
    return testId;
  },
};

/** The address of a route in which every parameter names something that is in the class. */
export async function addressOf({ method, path }: Route, at: Furnished): Promise<string> {
  let address = path;
  for (const name of parameterNames(path)) {
    const make = makers[name];
    if (!make) {
      throw new Error(
        `${method} ${path}: nobody says what stands for :${name}. ` +
          "Add to `makers` in worker/test/matrix/fixtures.ts how to make one in a class.",
      );
    }
    address = address.replace(`:${name}`, encodeURIComponent(await make(at, path)));
  }
  return address;
}
