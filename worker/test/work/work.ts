import {
  assignmentResponseSchema,
  notebookResponseSchema,
  submissionSummarySchema,
} from "@cell-monitor/protocol";
import { call, newClass, newInstructor, read, type TestClass } from "../api.ts";

export interface Course {
  readonly made: TestClass;
  /** An instructor's. */
  readonly token: string;
}

export async function newCourse(): Promise<Course> {
  const made = await newClass();
  return { made, token: (await newInstructor(made)).token };
}

export async function newNotebook({ made, token }: Course, path = `week-${crypto.randomUUID()}.ipynb`) {
  const body = { class_id: made.class.id, path };
  return read(await call("/api/v1/notebooks", { token, body }), notebookResponseSchema);
}

export async function newAssignment(course: Course, fields: object = {}) {
  const notebook = await newNotebook(course);
  const body = { class_id: course.made.class.id, notebook_id: notebook.id, title: "Week 1", ...fields };
  return read(await call("/api/v1/assignments", { token: course.token, body }), assignmentResponseSchema);
}

export function notebookOf(...sources: readonly string[]) {
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name: "python3", display_name: "Python 3" } },
    cells: sources.map((source, index) => ({
      cell_type: "code",
      id: `c${index}`,
      metadata: {},
      source,
      execution_count: null,
      outputs: [],
    })),
  };
}

export async function handIn(token: string, assignmentId: string, content: unknown = notebookOf("1 + 1")) {
  const body = { assignment_id: assignmentId, notebook_content: content };
  return read(await call("/api/v1/submissions", { token, body }), submissionSummarySchema);
}
