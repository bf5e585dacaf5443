/** The event types the protocol knows. Any other name of the right form is taken and counted as activity. */
export const eventTypes = [
  "session_start",
  "session_end",
  "notebook_open",
  "notebook_save",
  "notebook_close",
  "cell_execution_start",
  "cell_execution_complete",
  "cell_execution_error",
  "help",
  "help_stop",
  "progress_update",
  "assignment_submit",
  "kernel_restart",
  "kernel_died",
  "activity",
  "checkin",
  "events_lost",
] as const;

/** What instructors do to a student's request for help. The class makes them; they are nobody's to send. */
export const helpDeskEvents = ["help_claim", "help_release", "help_resolve"] as const;
const ownTypes: ReadonlySet<string> = new Set(helpDeskEvents);

/** Whether only the class itself makes events of a type. */
export function isMadeByClass(eventType: string): boolean {
  return ownTypes.has(eventType);
}

export type KnownEventType = (typeof eventTypes)[number];

const aliases: ReadonlyMap<string, KnownEventType> = new Map([
  ["student_session_start", "session_start"],
  ["notebook_opened", "notebook_open"],
  ["notebook_saved", "notebook_save"],
  ["notebook_closed", "notebook_close"],
  ["error_occurred", "cell_execution_error"],
]);

const byOutcome: ReadonlySet<string> = new Set(["cell_execution", "cell_executed"]);

/** The canonical name of a type, which for the names that leave the outcome open depends on `hasError`. */
export function canonicalType(eventType: string, hasError: boolean): string {
  if (byOutcome.has(eventType)) return hasError ? "cell_execution_error" : "cell_execution_complete";
  return aliases.get(eventType) ?? eventType;
}
