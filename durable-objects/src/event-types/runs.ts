import { tallyRunEnd } from "../classroom/state/board/tallies.ts";
import { foldRunEnd, foldRunStart } from "../classroom/state/folds/runs.ts";
import { runEnded, runStarted } from "../sinks/postgres/projections/runs.ts";
import type { EventTypes } from "./event-type.ts";

/** What kernels run. */
export const runs: EventTypes = {
  cell_execution_start: { fold: foldRunStart, project: runStarted },
  cell_execution_complete: { fold: foldRunEnd, tally: tallyRunEnd, project: runEnded },
  cell_execution_error: { fold: foldRunEnd, tally: tallyRunEnd, project: runEnded },
};
