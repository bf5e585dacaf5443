import { accept, type Batch, type Result } from "@cell-monitor/protocol";
import type { Decision } from "../ingest/decide.ts";
import type { ClassPlatform } from "../platform.ts";
import type { ClassSettings } from "../settings.ts";
import { withCaptured } from "../../test-capture/capture-for.ts";
import { welcomeOf } from "./welcome.ts";

export interface RecordDeps {
  commit(batch: Batch): Promise<Result<Decision>>;
  readonly capture: ClassPlatform["capture"];
}

/** Records of a batch what the class may collect, and says of the rest why it was refused. */
export async function recordWelcome(
  given: Batch,
  settings: ClassSettings | undefined,
  { commit, capture }: RecordDeps,
): Promise<Result<Decision>> {
  const choices = settings ?? { classId: "", captureLevel: "activity" as const };
  const { batch, rejected } = welcomeOf(given, choices);
  const { captured = [], ...own } = batch;
  const committed = await commit(own);
  if (!committed.ok) return committed;
  const decision = { ...committed.value, rejected: [...committed.value.rejected, ...rejected] };
  if (captured.length === 0) return accept(decision);
  return withCaptured(decision, await capture(choices.classId, captured));
}
