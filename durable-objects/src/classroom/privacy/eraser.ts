import { accept, erasedStudentHash, refuse, type Result } from "@cell-monitor/protocol";
import type { Recorder } from "../recorder.ts";
import type { ClassSettings } from "../settings.ts";
import type { ErasedFromClass } from "./erase.ts";

export interface EraserDeps {
  settings(): Pick<ClassSettings, "classId" | "erased"> | undefined;
  readonly recorder: Pick<Recorder, "erase">;
  /** Resolves once what was let in before is in the log. */
  committed(): Promise<Result<unknown>>;
  /** Resolves once nothing that was read from the log before is on its way to a store. */
  settled(): Promise<void>;
  /** Has whoever watches begin anew, who have the student on the screen, and tells the rest of the class of the change. */
  beginAnew(): void;
  /** Does what has to be whole, or starts the class over. */
  whole<T>(work: () => T): T;
  sync(): Promise<void>;
}

/** Whether the class has been told that a student is erased. */
export function isErased(settings: ReturnType<EraserDeps["settings"]>, studentId: string): boolean {
  const { classId = "", erased = [] } = settings ?? {};
  return erased.includes(erasedStudentHash(classId, studentId));
}

/** Keeps nothing of a student of whom the class has been told that they are erased. Harmless to repeat. */
export async function eraseStudent(deps: EraserDeps, studentId: string): Promise<Result<ErasedFromClass>> {
  if (!isErased(deps.settings(), studentId)) {
    return refuse("conflict", "The class has not been told that the student is erased.");
  }
  const committed = await deps.committed();
  if (!committed.ok) return committed;
  const counts = deps.whole(() => deps.recorder.erase(studentId));
  await deps.settled();
  // A store may have refused in the meantime what it had been given before.
  const { letters } = deps.whole(() => deps.recorder.erase(studentId));
  deps.whole(() => deps.beginAnew());
  await deps.sync();
  return accept({ ...counts, letters: counts.letters + letters });
}
