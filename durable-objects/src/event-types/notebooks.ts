import { notebookAccessed } from "../sinks/postgres/projections/notebook-accesses.ts";
import type { EventTypes } from "./event-type.ts";

export const notebooks: EventTypes = {
  notebook_open: { project: notebookAccessed("open") },
  notebook_save: { project: notebookAccessed("save") },
  notebook_close: { project: notebookAccessed("close") },
};
