import { type Accessor, createEffect, createMemo, createSignal, onCleanup } from "solid-js";
import type { Student } from "./create-students.ts";

/**
 * Tells of raised hands where the page may not be looked at: in the tab's title, and to a screen reader.
 * Answers who has raised a hand last, the ones already up when the page came excepted.
 */
export function createHelpAlert(
  students: Accessor<readonly Student[]>,
  title: Accessor<string>,
): Accessor<string | undefined> {
  const raised = createMemo(() => students().filter((student) => student.status() === "help"));
  const [latest, setLatest] = createSignal<string>();

  createEffect(() => {
    document.title = raised().length > 0 ? `(${raised().length}✋) ${title()}` : title();
  });

  createEffect<ReadonlySet<string> | undefined>((known) => {
    if (students().length === 0) return known;
    const requests = new Map(raised().map((student) => [student.data().help?.helpId ?? student.id, student]));
    if (known) {
      for (const [helpId, student] of requests) if (!known.has(helpId)) setLatest(student.data().name);
    }
    return new Set(requests.keys());
  });

  onCleanup(() => {
    document.title = "Cell Monitor";
  });
  return latest;
}
