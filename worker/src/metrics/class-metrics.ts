import { accept, type Result, sinkNames } from "@cell-monitor/protocol";
import { completenessOf, deadLettersOf } from "../classrooms.ts";
import type { Env } from "../env.ts";
import type { Metric } from "./exposition.ts";

/** Nobody's credential: the class is asked in the deployment's own name. */
function ownClaims(nowMs: number) {
  return {
    subject: "metrics",
    keyVersion: Number.MAX_SAFE_INTEGER,
    issuedMs: nowMs,
    expiresMs: nowMs + 60_000,
  };
}

/** What the object of one class knows of it. To ask wakes it. */
export async function classMetrics(env: Env, classId: string): Promise<Result<Metric[]>> {
  const claims = ownClaims(Date.now());
  const account = await completenessOf(env, classId, claims, { skip: 0, limit: 1 });
  if (!account.ok) return account;
  const letters = [];
  for (const sink of sinkNames) {
    const page = await deadLettersOf(env, classId, claims, { sink, skip: 0, limit: 1, withEvents: false });
    if (!page.ok) return page;
    letters.push({ labels: { class_id: classId, sink }, value: page.value.total });
  }
  const { students, sessions, received, missing, lost } = account.value.totals;
  const labels = { class_id: classId };
  const one = (name: string, help: string, value: number): Metric => ({
    name: `cell_monitor_class_${name}`,
    help,
    samples: [{ labels, value }],
  });
  return accept([
    one("students", "Students that the class's object knows.", students),
    one("sessions", "Sessions that the class's object knows.", sessions),
    one("events_received", "Numbered events that were received.", received),
    one("events_missing", "Numbered events that may still come.", missing),
    one("events_lost", "Numbered events that are not waited for any more.", lost),
    {
      name: "cell_monitor_class_dead_letters",
      help: "Events that a store refused for good.",
      samples: letters,
    },
  ]);
}
