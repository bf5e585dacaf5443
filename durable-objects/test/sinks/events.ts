import { admitEvent } from "@cell-monitor/protocol";
import type { LoggedEvent } from "../../src/sinks/sink.ts";

export const classId = "0192aaaa-0000-7000-8000-000000000001";
export const studentIds = [
  "0192bbbb-0000-8000-8000-000000000001",
  "0192bbbb-0000-8000-8000-000000000002",
  "0192bbbb-0000-8000-8000-000000000003",
] as const;
export const startMs = Date.parse("2026-04-01T09:00:00Z");

let lastVersion = 0;

/** An event as the log has it after admission: `raw` is what a client sent. */
export function logged(raw: Record<string, unknown>, studentId: string = studentIds[0]): LoggedEvent {
  lastVersion += 1;
  const receivedMs = startMs + 60 * 60 * 1000;
  const verdict = admitEvent(
    { eventId: `event-${lastVersion}`, eventTime: new Date(startMs + lastVersion).toISOString(), ...raw },
    { receivedMs },
  );
  if (!verdict.ok) throw new Error(`not admitted: ${verdict.message}`);
  return { version: lastVersion, studentId, receivedMs, ...verdict.admitted };
}
