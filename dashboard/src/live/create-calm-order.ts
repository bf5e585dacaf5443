import { type Accessor, createEffect, createMemo, createSignal, on, onCleanup, untrack } from "solid-js";
import type { Student } from "./create-students.ts";
import { compareNeed, type NeedGroup, needGroup } from "./need.ts";

const settleMs = 2_000;
const urgentSettleMs = 300;
/** A pointer that rests on the page, say of a projector, holds the order no longer than this. */
const holdMs = 8_000;

export interface PlacedStudent {
  readonly student: Student;
  readonly group: NeedGroup;
}

export interface CalmOrder {
  readonly placed: Accessor<readonly PlacedStudent[]>;
  /** Somebody is pointing at the students, and the order they would be in is another one. */
  readonly isHeld: Accessor<boolean>;
  hold(): void;
  release(): void;
}

/**
 * Students by need, in an order that doesn't run away from under the pointer: it changes every two seconds at
 * most, not at all while somebody points at a student, and at once for a newly raised hand.
 */
export function createCalmOrder(students: Accessor<readonly Student[]>): CalmOrder {
  const wanted = createMemo(() =>
    students()
      .map((student) => ({
        student,
        id: student.id,
        name: student.data().name,
        status: student.status(),
        sinceMs: student.sinceMs(),
      }))
      .sort(compareNeed),
  );
  const [placed, setPlaced] = createSignal<readonly PlacedStudent[]>([]);
  const [isPointing, setPointing] = createSignal(false);
  const [isStale, setStale] = createSignal(false);
  let settledAtMs = Number.NEGATIVE_INFINITY;
  let hands = new Set<string>();
  let settleTimer: ReturnType<typeof setTimeout> | undefined;
  let holdTimer: ReturnType<typeof setTimeout> | undefined;

  function settle(): void {
    clearTimeout(settleTimer);
    settleTimer = undefined;
    settledAtMs = Date.now();
    setStale(false);
    setPlaced(untrack(wanted).map(({ student, status }) => ({ student, group: needGroup(status) })));
  }

  createEffect(
    on(wanted, (next) => {
      const shown = untrack(placed);
      const isSame =
        shown.length === next.length &&
        next.every(
          ({ student, status }, index) =>
            shown[index]?.student === student && shown[index].group === needGroup(status),
        );
      const raised = new Set(next.filter(({ status }) => status === "help").map(({ id }) => id));
      const isUrgent = [...raised].some((id) => !hands.has(id));
      hands = raised;
      setStale(!isSame);
      if (shown.length === 0) settle();
      else if (!isSame) settleLater(isUrgent);
    }),
  );

  /** In a task of its own: the one that brought the change has had enough to do. */
  function settleLater(isUrgent: boolean): void {
    if (isUrgent) clearTimeout(settleTimer);
    else if (settleTimer !== undefined) return;
    const waitMs = settledAtMs + (isUrgent ? urgentSettleMs : settleMs) - Date.now();
    settleTimer = setTimeout(settleUnlessHeld, waitMs);
  }

  function settleUnlessHeld(): void {
    settleTimer = undefined;
    if (isStale() && !isPointing()) settle();
  }

  function release(): void {
    clearTimeout(holdTimer);
    setPointing(false);
    settleUnlessHeld();
  }

  onCleanup(() => {
    clearTimeout(settleTimer);
    clearTimeout(holdTimer);
  });

  return {
    placed,
    isHeld: createMemo(() => isPointing() && isStale()),
    hold() {
      setPointing(true);
      clearTimeout(holdTimer);
      holdTimer = setTimeout(release, holdMs);
    },
    release,
  };
}
