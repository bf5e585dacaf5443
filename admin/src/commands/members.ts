import { type MemberResponse, memberResponseSchema } from "@cell-monitor/protocol";
import type { Context } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";

/** One who teaches a class, by e-mail address or id. */
export async function findMember(context: Context, classId: string, named: string): Promise<MemberResponse> {
  const members = await context.api.all(memberResponseSchema, `/classes/${classId}/instructors`);
  const wanted = named.trim().toLowerCase();
  const found = members.find(({ id, email }) => id === wanted || email === wanted);
  if (found) return found;
  throw new Failure(exitCodes.notFound, "not_found", `Nobody called ${named} teaches this class.`);
}
