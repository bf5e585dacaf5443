import { accept, refuse, type Result } from "@cell-monitor/protocol";
import type { Granted } from "../auth/claims.ts";

/** That a body may name this class. One that is not the asker's is refused like one that does not exist. */
export function mayName(granted: Granted, classId: string): Result<true> {
  if (granted.all || granted.ids.includes(classId)) return accept(true);
  return refuse("invalid_body", "The body is not right: class_id: there is none like it.", {
    details: [{ field: "class_id", message: "there is none like it" }],
  });
}

/** That there is room for one more. */
export function hasRoom(count: number, most: number, what: string): Result<true> {
  return count < most
    ? accept(true)
    : refuse("conflict", `A class has at most ${most} ${what}, and this one has that many.`, {
        details: [{ field: "class_id", message: `has ${most} ${what} already` }],
      });
}
