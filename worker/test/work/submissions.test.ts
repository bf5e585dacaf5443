import { submissionResponseSchema, submissionSummarySchema } from "@cell-monitor/protocol";
import * as v from "valibot";
import { neon } from "@neondatabase/serverless";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { call, codeOf, logged, newStudent, read, refusalOf, testEnv } from "../api.ts";
import { studentSocket } from "../student.ts";
import { type Course, handIn, newAssignment, newCourse, notebookOf } from "./work.ts";

let course: Course;
let other: Course;
let assignment: Awaited<ReturnType<typeof newAssignment>>;
let ada: Awaited<ReturnType<typeof newStudent>>;
let grace: Awaited<ReturnType<typeof newStudent>>;

beforeAll(async () => {
  [course, other] = [await newCourse(), await newCourse()];
  assignment = await newAssignment(course, { points: 10 });
  [ada, grace] = [await newStudent(course.made), await newStudent(course.made)];
});

/** An object within an object, and so on. */
function nested(levels: number): object {
  return levels === 1 ? {} : { a: nested(levels - 1) };
}

const at = (id: string) => `/api/v1/submissions/${id}`;
const idsOf = async (query: string, token: string) => {
  const response = await call(`/api/v1/submissions${query}`, { token });
  return v.parse(v.array(submissionSummarySchema), await response.json()).map(({ id }) => id);
};

describe("a notebook that is handed in", () => {
  it("is the credential's student's, kept as it came, each an attempt of its own", async () => {
    const content = { ...notebookOf("print('é')"), metadata: { z: 1, a: "\u0000" } };
    const first = await handIn(ada.token, assignment.id, content);
    expect(first).toMatchObject({
      student_id: ada.studentId,
      class_id: course.made.class.id,
      attempt: 1,
      is_late: false,
      status: "submitted",
      grade: null,
    });
    expect(await handIn(ada.token, assignment.id)).toMatchObject({ attempt: 2 });
    expect(await handIn(grace.token, assignment.id)).toMatchObject({ attempt: 1 });
    const shown = await read(await call(at(first.id), { token: ada.token }), submissionResponseSchema);
    expect(shown.notebook_content).toEqual(content);
  });

  it("at once from two tabs is two attempts", async () => {
    const student = await newStudent(course.made);
    const both = await Promise.all([
      handIn(student.token, assignment.id),
      handIn(student.token, assignment.id),
    ]);
    expect(new Set(both.map(({ attempt }) => attempt))).toEqual(new Set([1, 2]));
  });

  it("is told to the class, once, as the student's doing", async () => {
    const student = await newStudent(course.made);
    const { id } = await handIn(student.token, assignment.id);
    const told = (await logged(course.made.class.id)).filter(({ e }) => e.eventId === id);
    expect(told).toMatchObject([
      {
        s: student.studentId,
        e: { eventType: "assignment_submit", metadata: { assignmentId: assignment.id } },
      },
    ]);
    await handIn(student.token, assignment.id);
    expect((await logged(course.made.class.id)).filter(({ e }) => e.eventId === id)).toHaveLength(1);
  });

  it("after the due date is late", async () => {
    const due = await newAssignment(course, { due_date: "2020-01-01T00:00:00Z" });
    expect(await handIn(ada.token, due.id)).toMatchObject({ is_late: true });
  });

  it("may name its student, who is the one that hands it in", async () => {
    const body = {
      assignment_id: assignment.id,
      student_id: ada.studentId,
      notebook_content: notebookOf("1"),
    };
    const handed = await call("/api/v1/submissions", { token: ada.token, body });
    expect(await read(handed, submissionSummarySchema)).toMatchObject({ student_id: ada.studentId });
  });

  it("may say neither that it is another's, nor when it came, nor its grade", async () => {
    for (const extra of [
      { student_id: grace.studentId },
      { submitted_at: "2020-01-01T00:00:00Z" },
      { grade: 10 },
    ]) {
      const body = { assignment_id: assignment.id, notebook_content: notebookOf("1"), ...extra };
      const refused = await refusalOf(await call("/api/v1/submissions", { token: ada.token, body }));
      expect(refused).toMatchObject({ code: "invalid_body", details: [{ field: Object.keys(extra)[0] }] });
    }
  });

  it("to an assignment of another class, or to none, is refused by the field's name", async () => {
    const foreign = await newAssignment(other);
    for (const id of [foreign.id, crypto.randomUUID()]) {
      const body = { assignment_id: id, notebook_content: notebookOf("1") };
      const refused = await refusalOf(await call("/api/v1/submissions", { token: ada.token, body }));
      expect(refused).toMatchObject({ code: "invalid_body", details: [{ field: "assignment_id" }] });
    }
  });

  it.each([
    ["no notebook", { hello: "world" }, "notebook_content.nbformat"],
    ["of format 3", { ...notebookOf("1"), nbformat: 3 }, "notebook_content.nbformat"],
    [
      "with a cell of no known kind",
      { ...notebookOf(), cells: [{ cell_type: "x" }] },
      "notebook_content.cells.0.cell_type",
    ],
    ["of more than thirty-two levels", { ...notebookOf(), metadata: nested(32) }, "notebook_content"],
    [
      "with two cells of one id",
      { ...notebookOf(), cells: [...notebookOf("1").cells, ...notebookOf("2").cells] },
      "notebook_content",
    ],
    [
      "with a code cell without outputs",
      {
        ...notebookOf(),
        cells: [{ cell_type: "code", id: "a", metadata: {}, source: "", execution_count: 1 }],
      },
      "notebook_content.cells.0.outputs",
    ],
  ])("that is %s is refused, and where", async (_name, content, field) => {
    const body = { assignment_id: assignment.id, notebook_content: content };
    const refused = await refusalOf(await call("/api/v1/submissions", { token: ada.token, body }));
    expect(refused.code).toBe("invalid_body");
    expect(refused.details).toContainEqual(expect.objectContaining({ field }));
  });

  it("of nine megabytes is taken, and one above ten refused before it is read", async () => {
    const large = (megabytes: number) => notebookOf("x".repeat(Math.round(megabytes * 1024 * 1024)));
    const taken = await handIn(ada.token, assignment.id, large(9));
    const shown = await read(await call(at(taken.id), { token: ada.token }), submissionResponseSchema);
    expect(JSON.stringify(shown.notebook_content)).toHaveLength(JSON.stringify(large(9)).length);
    const body = { assignment_id: assignment.id, notebook_content: large(10.01) };
    expect(await codeOf(await call("/api/v1/submissions", { token: ada.token, body }))).toBe(
      "body_too_large",
    );
  });
});

describe("a submission", () => {
  it("is seen by its student and by who teaches, and by nobody else", async () => {
    const { id } = await handIn(ada.token, assignment.id);
    for (const token of [ada.token, course.token, course.made.admin]) {
      expect((await call(at(id), { token })).status).toBe(200);
    }
    for (const token of [grace.token, other.token]) {
      expect(await codeOf(await call(at(id), { token }))).toBe("not_found");
    }
    expect(await codeOf(await call(at(id), { token: course.made.key }))).toBe("forbidden");
  });

  it("is listed by assignment and student, a student's own only, without its notebook", async () => {
    const mine = await newCourse();
    const [one, two] = [await newAssignment(mine), await newAssignment(mine)];
    const [a, b] = [await newStudent(mine.made), await newStudent(mine.made)];
    const ids = [
      (await handIn(a.token, one.id)).id,
      (await handIn(a.token, two.id)).id,
      (await handIn(b.token, one.id)).id,
    ];
    expect((await idsOf("", mine.token)).toSorted()).toEqual(ids.toSorted());
    expect(await idsOf(`?assignment_id=${one.id}&student_id=${a.studentId}`, mine.token)).toEqual([ids[0]]);
    expect((await idsOf("", a.token)).toSorted()).toEqual(ids.slice(0, 2).toSorted());
    expect(await idsOf(`?student_id=${b.studentId}`, a.token)).toEqual([]);
    expect(await (await call("/api/v1/submissions", { token: mine.token })).text()).not.toContain("nbformat");
  });

  it("is graded by who teaches, and read by its student with grade and feedback", async () => {
    const { id } = await handIn(ada.token, assignment.id);
    const body = { grade: 8.5, feedback: "Mind the axis." };
    expect(await codeOf(await call(at(id), { method: "PUT", token: ada.token, body }))).toBe("forbidden");
    const graded = await call(at(id), { method: "PUT", token: course.token, body });
    expect(await read(graded, submissionSummarySchema)).toMatchObject({
      ...body,
      status: "graded",
      version: 2,
    });
    const shown = await read(await call(at(id), { token: ada.token }), submissionResponseSchema);
    expect(shown).toMatchObject({ ...body, graded_at: expect.any(String) });
    const returned = await call(at(id), { method: "PUT", token: course.token, body: { status: "returned" } });
    expect(await read(returned, submissionSummarySchema)).toMatchObject({ grade: 8.5, status: "returned" });
  });

  it("that is graded is told to its student, at once where they are there", async () => {
    const student = await newStudent(course.made);
    const { id } = await handIn(student.token, assignment.id);
    const page = await studentSocket(`/api/v1/live/${course.made.class.id}`, student.token);
    await call(at(id), { method: "PUT", token: course.token, body: { feedback: "Not yet looked at." } });
    await call(at(id), { method: "PUT", token: course.token, body: { grade: 7 } });
    const told = await vi.waitFor(() => {
      const frame = page.frames.find(({ type }) => type === "assignment_graded");
      if (!frame) throw new Error("nothing told yet");
      return frame;
    }, 5_000);
    expect(told).toMatchObject({
      channel: `notifications:${student.studentId}`,
      assignmentId: assignment.id,
      submissionId: id,
      grade: 7,
      title: assignment.title,
    });
    page.socket.close(1000);
  });

  it("is noted as looked at by who teaches, and not by its student", async () => {
    const student = await newStudent(course.made);
    const { id } = await handIn(student.token, assignment.id);
    for (const token of [student.token, course.token]) await call(at(id), { token });
    const noted = await neon(testEnv().DATABASE_URL ?? "").query(
      "SELECT action, actor_role, details FROM audit_log WHERE student_id = $1",
      [student.studentId],
    );
    expect(noted).toEqual([
      { action: "looked_at_submission", actor_role: "instructor", details: { submission_id: id } },
    ]);
  });

  it("that two people grade at once is graded by the first, and the second is told", async () => {
    const { id } = await handIn(ada.token, assignment.id);
    const grade = (points: number) =>
      call(at(id), {
        method: "PUT",
        token: course.token,
        body: { grade: points },
        headers: { "if-match": '"1"' },
      });
    expect((await grade(1)).status).toBe(200);
    expect(await codeOf(await grade(2))).toBe("precondition_failed");
  });

  it("has no grade below nothing, and none that is no number", async () => {
    const { id } = await handIn(ada.token, assignment.id);
    for (const grade of [-1, "10", 1e9]) {
      const refused = await call(at(id), { method: "PUT", token: course.token, body: { grade } });
      expect(await refusalOf(refused)).toMatchObject({ code: "invalid_body", details: [{ field: "grade" }] });
    }
  });
});
