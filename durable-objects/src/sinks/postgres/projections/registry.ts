import type { Projection, Projections } from "../projection.ts";
import { helpProjections } from "./help.ts";
import { notebookProjections } from "./notebook-accesses.ts";
import { runs } from "./runs.ts";
import { sessionProjections } from "./sessions.ts";

/** Which table keeps an event, by its type. What has no entry is kept as a progress event. */
const registry: readonly Projections[] = [runs, sessionProjections, notebookProjections, helpProjections];

export const projections: ReadonlyMap<string, Projection> = new Map(
  registry.flatMap((entries) => Object.entries(entries)),
);
