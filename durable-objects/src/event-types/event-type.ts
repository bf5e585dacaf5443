import type { Tally } from "../classroom/state/board/board-state.ts";
import type { Fold } from "../classroom/state/fold-context.ts";
import type { Projection } from "../sinks/postgres/projection.ts";

/** All that the class and its stores must know of one type of event; what is left out has the default. */
export interface EventType {
  /** What it changes in what a class knows, beyond being a sign of life at the place it names. */
  readonly fold?: Fold;
  /** How it counts in what the class knows together: of its cells, its errors and its minutes. */
  readonly tally?: Tally;
  /** False: it says nothing about the student's doing. */
  readonly isActivity?: boolean;
  /** The class made it, of what somebody else did for the student: no sign of the student's life either. */
  readonly isOfStaff?: boolean;
  /** Puts it into the one table whose row keeps its `event_id`; by default that is `progress_events`. */
  readonly project?: Projection;
}

/** Event types by their canonical names. */
export type EventTypes = Readonly<Record<string, EventType>>;
