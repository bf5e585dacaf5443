import { classPseudonyms } from "@cell-monitor/protocol";
import { roleIn, type Principal } from "../auth/claims.ts";
import type { Env } from "../env.ts";

/** What stands for a student of a class wherever a researcher looks; in InfluxDB it is the same. */
export function pseudonymOf(env: Env, classId: string, studentId: string): Promise<string> {
  return pseudonymsOf(env, classId)(studentId);
}

/** The same for many students of one class. */
export function pseudonymsOf(
  { PSEUDONYM_KEY }: Pick<Env, "PSEUDONYM_KEY">,
  classId: string,
): (studentId: string) => Promise<string> {
  // The configuration is looked at before any route is.
  if (PSEUDONYM_KEY === undefined) throw new Error("There is no PSEUDONYM_KEY.");
  return classPseudonyms(PSEUDONYM_KEY, classId);
}

/** Whether students are to have no names for somebody in a class. */
export function seesPseudonymsOnly(who: Principal, classId: string): boolean {
  return roleIn(who, classId) === "researcher";
}
