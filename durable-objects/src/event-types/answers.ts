import { foldCheckin, foldProgress } from "../classroom/state/folds/answers.ts";
import type { EventTypes } from "./event-type.ts";

/** How far students say they are, or a check says it of them. */
export const answers: EventTypes = {
  progress_update: { fold: foldProgress },
  checkin: { fold: foldCheckin },
};
