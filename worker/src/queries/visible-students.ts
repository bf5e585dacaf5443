import type { Granted, Principal } from "../auth/claims.ts";
import type { Scope } from "./resource.ts";

/**
 * Confines rows of students to those that the asker may see: a student's are their own, a teaching assistant's those of
 * their sections.
 * @param table has `class_id` and `student_id`
 */
export function ofVisibleStudents(who: Principal, granted: Granted, table: string): Scope {
  if (who.role === "student") {
    return { ...granted, also: (add) => `${table}.student_id = ${add(who.sub, "uuid")}` };
  }
  const confined = Object.entries(who.sec ?? {});
  if (confined.length === 0) return granted;
  return {
    ...granted,
    also: (add) =>
      confined
        .map(
          ([classId, sections]) => `(${table}.class_id <> ${add(classId, "uuid")} OR EXISTS (
            SELECT FROM student_classes sc WHERE sc.class_id = ${table}.class_id
              AND sc.student_id = ${table}.student_id AND sc.section_id = ANY (${add(sections, "uuid[]")})))`,
        )
        .join(" AND "),
  };
}
