import type { Projection } from "../sinks/postgres/projection.ts";
import { answers } from "./answers.ts";
import type { EventType, EventTypes } from "./event-type.ts";
import { help } from "./help.ts";
import { kernels } from "./kernels.ts";
import { notebooks } from "./notebooks.ts";
import { runs } from "./runs.ts";
import { sessions } from "./sessions.ts";

/**
 * Every type that means more than activity at the place it names. A type of one's own is one more entry, in a family
 * of these or in a file of its own.
 */
const families: readonly EventTypes[] = [sessions, notebooks, runs, help, answers, kernels];

/** Brings families together. Throws if two of them claim the same type. */
export function registryOf(families: readonly EventTypes[]): ReadonlyMap<string, EventType> {
  const entries = families.flatMap((family) => Object.entries(family));
  const registry = new Map(entries);
  if (registry.size < entries.length) throw new Error("An event type is registered twice.");
  return registry;
}

/** How each type of a registry that has a table of its own is put into it. */
export function projectionsOf(registry: ReadonlyMap<string, EventType>): ReadonlyMap<string, Projection> {
  return new Map(
    Array.from(registry).flatMap(([type, { project }]): [string, Projection][] =>
      project ? [[type, project]] : [],
    ),
  );
}

export const eventRegistry = registryOf(families);
export const projections = projectionsOf(eventRegistry);
