import type { StudentStatus } from "@cell-monitor/protocol";
import { createMemo, createSignal } from "solid-js";
import type { Student } from "./create-students.ts";

export interface CellChoice {
  readonly notebook: string;
  readonly cellIndex: number;
}

/** What the instructor wants to see: by status, cell and words, all of which must match. */
export function createFilter() {
  const [statuses, setStatuses] = createSignal<ReadonlySet<StudentStatus>>(new Set());
  const [cell, setCell] = createSignal<CellChoice>();
  const [words, setWords] = createSignal("");
  const needle = createMemo(() => words().trim().toLocaleLowerCase());

  return {
    statuses,
    cell,
    words,
    setCell,
    setWords,
    isOn: createMemo(() => statuses().size > 0 || cell() !== undefined || needle() !== ""),
    toggleStatus(status: StudentStatus) {
      setStatuses(
        (known) =>
          new Set(known.has(status) ? [...known].filter((other) => other !== status) : [...known, status]),
      );
    },
    clear() {
      setStatuses(new Set<StudentStatus>());
      setCell(undefined);
      setWords("");
    },
    matches(student: Student): boolean {
      if (statuses().size > 0 && !statuses().has(student.status())) return false;
      const chosen = cell();
      if (chosen) {
        const place = student.place();
        if (place.notebook !== chosen.notebook || place.cellIndex !== chosen.cellIndex) return false;
        if (student.status() === "away" || student.status() === "not_connected") return false;
      }
      const { name, team = "" } = student.data();
      return `${name}\n${team}`.toLocaleLowerCase().includes(needle());
    },
  };
}

export type Filter = ReturnType<typeof createFilter>;
