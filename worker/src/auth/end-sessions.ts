import { accept, refuse, type Result } from "@cell-monitor/protocol";
import { tellClass } from "../classrooms.ts";
import type { Env } from "../env.ts";
import type { Database } from "../queries/database.ts";
import { endAllOfPerson } from "../queries/revocations.ts";

const toldAtOnce = 20;

/**
 * Ends every session and token of a person, and closes their connections in every class. Harmless to repeat.
 * @param mayHaveBeenAdmin their role was another: what they hold may be good for every class, though they are in few
 */
export async function endSessions(
  env: Env,
  db: Database,
  personId: string,
  mayHaveBeenAdmin = false,
): Promise<Result<true>> {
  const ended = await endAllOfPerson(db, personId, mayHaveBeenAdmin);
  if (!ended) return refuse("not_found", "There is no such person.");
  const waiting = ended.classes.values();
  const missed: string[] = [];
  const tell = async () => {
    for (const classId of waiting) {
      if (!(await tellClass(env, classId)).ok) missed.push(classId);
    }
  };
  await Promise.all(Array.from({ length: toldAtOnce }, tell));
  if (missed.length === 0) return accept(true);
  return refuse(
    "unavailable",
    "All is void, but not every class has heard of it yet; ask for it once more.",
    {
      retryAfterMs: 1_000,
    },
  );
}
