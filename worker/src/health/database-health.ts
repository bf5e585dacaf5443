import { accept, type DatabaseHealth, refuse, type Result } from "@cell-monitor/protocol";
import * as v from "valibot";
import type { Env } from "../env.ts";
import { query } from "../queries/database.ts";
import { SharedAnswer } from "./shared-answer.ts";

const goodForMs = 5_000;
/** Shorter: who waits for the database to come back wants to know. */
const badForMs = 1_000;
/** Longer than the database is given to answer. */
const giveUpAfterMs = 10_000;

/** Of this isolate, by the database that is asked. */
const answers = new Map<string, SharedAnswer<Result<DatabaseHealth>>>();

function answerOf({ NEON_SQL_URL = "", DATABASE_URL = "" }: Env): SharedAnswer<Result<DatabaseHealth>> {
  const key = `${NEON_SQL_URL} ${DATABASE_URL}`;
  const known = answers.get(key);
  if (known) return known;
  const made = new SharedAnswer<Result<DatabaseHealth>>({
    now: () => Date.now(),
    keepMs: ({ ok }) => (ok ? goodForMs : badForMs),
    giveUpAfterMs,
  });
  answers.set(key, made);
  return made;
}

/**
 * Whether the database answers. Anybody may ask, and a statement costs: it is run every few seconds at most, however
 * many ask.
 * @param keepAlive has the statement end although who asked first has left, since others may wait for it, too
 */
export function databaseHealth(
  env: Env,
  keepAlive: (work: Promise<unknown>) => void,
): Promise<Result<DatabaseHealth>> {
  return answerOf(env).get(() => {
    const asked = ask(env);
    keepAlive(asked);
    return asked;
  });
}

async function ask(env: Env): Promise<Result<DatabaseHealth>> {
  const startMs = Date.now();
  try {
    await query(env, v.unknown(), "SELECT 1", []);
  } catch {
    return refuse("unavailable", "The database does not answer.", { retryAfterMs: 5_000 });
  }
  const endMs = Date.now();
  return accept({
    status: "healthy",
    response_time_ms: endMs - startMs,
    details: "The database answers.",
    checked_at: new Date(endMs).toISOString(),
  });
}
