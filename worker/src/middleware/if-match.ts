import { accept, refuse, type Result } from "@cell-monitor/protocol";
import type { AppContext } from "../routes/route.ts";

/** That a row was changed since it was read. */
export const staleVersion = refuse(
  "precondition_failed",
  "Somebody changed this meanwhile; read it again and change what is there now.",
);

/** The version that a change is meant for, from `If-Match`; undefined where any will do. */
export function wantedVersion(c: AppContext): Result<number | undefined> {
  const header = c.req.header("if-match")?.trim();
  if (header === undefined || header === "*") return accept(undefined);
  const [, digits] = /^"(\d{1,15})"$/.exec(header) ?? [];
  // Another's tag, a weak one, or several: none of them can be the row's.
  return digits === undefined ? staleVersion : accept(Number(digits));
}
