import { foldSessionEnd } from "../classroom/state/folds/session.ts";
import { sessionEnded, sessionStarted } from "../sinks/postgres/projections/sessions.ts";
import type { EventTypes } from "./event-type.ts";

/** Page loads, and what their clients could not send. */
export const sessions: EventTypes = {
  session_start: { project: sessionStarted },
  session_end: { fold: foldSessionEnd, isActivity: false, project: sessionEnded },
  events_lost: { isActivity: false },
};
