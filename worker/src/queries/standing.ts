import { firstAdmin, isPerson, onlyClass, type Principal } from "../auth/claims.ts";
import type { Statement } from "./database.ts";

/** The statement that raises unless a credential still stands; undefined for the first admin's, which no row is about. */
export function standingOf(who: Principal): Statement | undefined {
  if (isPerson(who)) {
    if (who.sub === firstAdmin) return undefined;
    return { text: "SELECT assert_person_stands($1, $2)", parameters: [who.sub, who.epoch ?? 0] };
  }
  const classId = onlyClass(who);
  const subjects = who.by === undefined ? [who.sub] : [who.sub, who.by];
  return {
    text: "SELECT assert_class_credential_stands($1, $2, $3::text[], to_timestamp($4::double precision))",
    parameters: [classId ?? null, classId === undefined ? 0 : (who.cls[classId] ?? 0), subjects, who.iat],
  };
}
