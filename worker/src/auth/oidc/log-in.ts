import type { Env } from "../../env.ts";
import { bindIdentity, findByIdentity } from "../../queries/identities.ts";
import type { Teacher } from "../../queries/people.ts";
import type { LoginFailure } from "./failure.ts";
import type { Identity } from "./finish.ts";

export type LoggedIn =
  | { readonly ok: true; readonly person: Teacher }
  | { readonly ok: false; readonly failure: LoginFailure };

/**
 * Whom an identity stands for. At the first time it is the person who was invited by its verified address; later the
 * address doesn't matter.
 */
export async function logIn(env: Env, identity: Identity): Promise<LoggedIn> {
  const known = await findByIdentity(env, identity);
  if (known) return { ok: true, person: asAdmin(known, identity) };
  if (identity.verifiedEmail === undefined) return { ok: false, failure: "unverified_email" };
  const isInvited = await bindIdentity(env, identity);
  const person = await findByIdentity(env, identity);
  if (person) return { ok: true, person: asAdmin(person, identity) };
  return { ok: false, failure: isInvited ? "other_account" : "unknown_person" };
}

/** The provider's word makes an administrator for one session: it is asked again at the next login. */
function asAdmin(person: Teacher, { isAdmin }: Identity): Teacher {
  return isAdmin ? { ...person, role: "admin" } : person;
}
