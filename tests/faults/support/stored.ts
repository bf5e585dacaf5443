import type { TestClass } from "./test-class.ts";

interface Sent {
  readonly eventId: string;
  readonly [field: string]: unknown;
}

/** What the stores should have of a class whose students have sent this: each event once. */
export function storableOf(sent: readonly Sent[]) {
  return { postgres: sent.map(({ eventId }) => eventId).sort(), influx: sent.map(pointName).sort() };
}

/** What the stores have of a class: the events' ids in Postgres, and by what names them in InfluxDB. */
export async function storedOf({ id, system: { gateway } }: TestClass) {
  const rows = await gateway.query(
    `SELECT end_event_id AS event_id FROM cell_executions WHERE class_id = $1
     UNION ALL SELECT event_id FROM progress_events WHERE class_id = $1`,
    [id],
  );
  const points = gateway.points().filter(({ tags }) => tags["class"] === id);
  return {
    postgres: rows.map((row) => row["event_id"] ?? "none").sort(),
    influx: points.map(({ tags, fields }) => pointName({ eventType: tags["event"], ...fields })).sort(),
  };
}

/** What a point says of the event it stands for. */
function pointName({ eventType, executionId, sessionId, passed }: Readonly<Record<string, unknown>>): string {
  return JSON.stringify([eventType, sessionId, executionId ?? passed]);
}
