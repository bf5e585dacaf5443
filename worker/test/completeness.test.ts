import { completenessSchema } from "@cell-monitor/protocol";
import { beforeAll, describe, expect, it } from "vitest";
import { call, codeOf, newClass, newEvent, newInstructor, newStudent, post, read } from "./api.ts";

describe("GET /api/v1/classes/{id}/completeness", () => {
  let path: string;
  let token: string;
  let studentIds: string[];

  beforeAll(async () => {
    const made = await newClass();
    path = `/api/v1/classes/${made.class.id}/completeness`;
    ({ token } = await newInstructor(made));
    const students = [await newStudent(made), await newStudent(made)];
    const numbers = [
      [1, 2, 5],
      [1, 2, 3],
    ];
    for (const [index, student] of students.entries()) {
      const events = (numbers[index] ?? []).map((sequence) => newEvent({ sessionId: "s", sequence }));
      await post(student.token, events);
    }
    studentIds = students.map(({ studentId }) => studentId);
  });

  it("says of each student's sessions what arrived and what did not", async () => {
    const response = await call(path, { token });
    expect(response.headers.get("x-total-count")).toBe("2");
    const account = await read(response, completenessSchema);
    expect(account.totals).toEqual({
      students: 2,
      sessions: 2,
      received: 6,
      missing: 2,
      lost: 0,
      percent: 75,
    });
    const [lacking] = studentIds;
    expect(account.students.find(({ student_id: id }) => id === lacking)?.sessions).toEqual([
      {
        session_id: "s",
        state: "open",
        highest: 5,
        received: 3,
        missing: { count: 2, ranges: [[3, 4]] },
        lost: { count: 0, ranges: [], declared: 0 },
      },
    ]);
  });

  it("lists the students that are asked for, with the totals of all", async () => {
    const response = await call(`${path}?skip=1&limit=1`, { token });
    expect(response.headers.get("x-total-count")).toBe("2");
    const { students, totals } = await read(response, completenessSchema);
    expect(students.map(({ student_id: id }) => id)).toEqual(studentIds.toSorted().slice(1));
    expect(totals.students).toBe(2);
  });

  it.for(["limit=201", "limit=0", "skip=-1", "skip=all"])("takes no %s", async (query) => {
    expect(await codeOf(await call(`${path}?${query}`, { token }))).toBe("invalid_body");
  });

  it("answers for a class that has not received anything", async () => {
    const made = await newClass();
    const response = await call(`/api/v1/classes/${made.class.id}/completeness`, { token: made.admin });
    expect(await read(response, completenessSchema)).toMatchObject({
      totals: { students: 0, percent: null },
      students: [],
    });
  });
});
