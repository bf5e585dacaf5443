import { refuse, accept, type Result } from "@cell-monitor/protocol";
import * as v from "valibot";
import type { ClassSettings } from "./settings.ts";

/** What a verified credential says of its holder, as far as the class checks it itself. */
export const classClaimsSchema = v.object({
  subject: v.string(),
  /** Of the class's keys when the credential was made; a rotation makes older ones void. */
  keyVersion: v.number(),
  issuedMs: v.number(),
  expiresMs: v.number(),
  /** The class key that it was minted with. */
  by: v.optional(v.string()),
  /** Sections of the class that the holder is confined to; absent for all of it. */
  sections: v.optional(v.array(v.string())),
  /** Of a ticket, which opens one connection and no second. */
  ticketId: v.optional(v.string()),
});
export type ClassClaims = v.InferOutput<typeof classClaimsSchema>;

/** Checks a credential against what the class knows, so that a revocation needs no database on the hot path. */
export function checkClaims(
  claims: ClassClaims,
  settings: ClassSettings | undefined,
  nowMs: number,
): Result<ClassSettings> {
  if (!settings) return refuse("class_not_found", "There is no such class.");
  if (claims.expiresMs <= nowMs) return refuse("token_expired", "The token has expired; ask for a new one.");
  if (isRevoked(claims, settings) || (settings.endsMs[claims.subject] ?? Number.POSITIVE_INFINITY) <= nowMs) {
    return refuse("token_revoked", "The token has been revoked.");
  }
  return accept(settings);
}

/** Whether a student concerns the holder: all do, but for one who is confined to sections. */
export function concerns(
  { sections }: Pick<ClassClaims, "sections">,
  settings: Pick<ClassSettings, "sections"> | undefined,
  studentId: string,
): boolean {
  if (sections === undefined) return true;
  const section = settings?.sections[studentId];
  return section !== undefined && sections.includes(section);
}

function isRevoked({ keyVersion, subject, by, issuedMs }: ClassClaims, settings: ClassSettings): boolean {
  if (keyVersion < settings.keyVersion) return true;
  const { revokedBefore } = settings;
  return (
    issuedMs < (revokedBefore[subject] ?? 0) || (by !== undefined && issuedMs < (revokedBefore[by] ?? 0))
  );
}
