import {
  defaultThresholds,
  isHelpAway,
  missingEvents,
  type StudentData,
  type StudentStatus,
  studentStatus,
} from "@cell-monitor/protocol";
import { type Accessor, createMemo, mapArray, untrack } from "solid-js";
import type { LiveClass } from "./create-live-class.ts";
import { statusSinceMs } from "./need.ts";
import { type Place, placeOf } from "./place.ts";

/** A student and what is reckoned of them, each part updating by itself. */
export interface Student {
  readonly id: string;
  readonly data: Accessor<StudentData>;
  /** Whether they share what they do; if not, what the data says of their work is from before. */
  readonly isSharing: Accessor<boolean>;
  /** Where they are; nowhere known, if they do not share it. */
  readonly place: Accessor<Place>;
  readonly status: Accessor<StudentStatus>;
  /** Since when they have been in that status. */
  readonly sinceMs: Accessor<number>;
  /** Their hand is up, but nothing has been heard of them for a while. */
  readonly isHelpAway: Accessor<boolean>;
  /** Events of theirs that are known of and have not arrived: their silence is no idleness. */
  readonly missing: Accessor<number>;
}

export function createStudents(live: LiveClass): Accessor<Student[]> {
  const ids = createMemo(() => Object.keys(live.state.students));
  const notSharing = createMemo(() => new Set(live.state.class?.notSharing));
  return createMemo(mapArray(ids, (id) => createStudent(live, id, notSharing)));
}

function createStudent(live: LiveClass, id: string, notSharing: Accessor<ReadonlySet<string>>): Student {
  const data = createMemo<StudentData>(
    // While it is being removed, a student's parts may run once more: they find it as it last was.
    (last) => live.state.students[id] ?? last,
    untrack(() => live.state.students[id] ?? nobody),
  );
  const isSharing = createMemo(() => !notSharing().has(id));
  const current = createMemo<{ status: StudentStatus; sinceMs: number }>(
    (last) => {
      const status = studentStatus(data(), live.state.class ?? defaultThresholds, live.nowMs(), isSharing());
      // Another error doesn't begin a new wait.
      const goesOn = last.status === status && (status === "stuck" || status === "error");
      const sinceMs = goesOn ? last.sinceMs : statusSinceMs(data(), status);
      return last.status === status && last.sinceMs === sinceMs ? last : { status, sinceMs };
    },
    { status: "not_connected", sinceMs: 0 },
  );
  return {
    id,
    data,
    isSharing,
    place: createMemo(() => (isSharing() ? placeOf(data()) : {})),
    status: createMemo(() => current().status),
    sinceMs: createMemo(() => current().sinceMs),
    isHelpAway: createMemo(() => current().status === "help" && isHelpAway(data(), live.nowMs())),
    missing: createMemo(() => missingEvents(data(), live.nowMs())),
  };
}

const nobody: StudentData = {
  name: "",
  present: false,
  seenMs: 0,
  activeMs: 0,
  runs: 0,
  errors: 0,
  streak: 0,
  cellsDone: 0,
};
