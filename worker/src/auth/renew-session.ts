import { accept, refuse, type Result } from "@cell-monitor/protocol";
import type { Database } from "../queries/database.ts";
import { findPerson } from "../queries/people.ts";
import type { AppContext } from "../routes/route.ts";
import type { NewToken, Principal } from "./claims.ts";
import { personClaims } from "./person.ts";
import { openSession, renewedUntilMs } from "./session.ts";

type SessionClaims = Omit<NewToken, "use">;

/** Makes a session anew if its holder is something else by now than it says, or if half of it is over. */
export async function renewSession(
  c: AppContext,
  db: Database,
  who: Principal,
): Promise<Result<SessionClaims & { readonly use: "session" }>> {
  // As old as the question: what is revoked while it is answered is void with the old one.
  const nowMs = Date.now();
  const person = await findPerson(db, who.sub);
  if (!person) return refuse("token_revoked", "The credential has been revoked.");
  // What only the provider says of somebody stands until they log in again.
  const claims = personClaims(
    who.idp !== undefined && who.role === "admin" ? { ...person, role: "admin" } : person,
  );
  const session = {
    ...claims,
    ...(who.idp !== undefined && { idp: who.idp }),
    since: who.since ?? who.iat,
    iat: nowMs / 1000,
  };
  const untilMs = renewedUntilMs(who, nowMs);
  if (untilMs > who.exp * 1000 || partsOf(claims) !== partsOf(who)) await openSession(c, session, untilMs);
  return accept({ ...session, use: "session" });
}

type Parts = "role" | "name" | "epoch" | "cls" | "as" | "sec";

function partsOf({ role, name, epoch, cls, as, sec }: Pick<Principal, Parts>): string {
  return JSON.stringify([role, name, epoch, cls, as, sec]);
}
