import { accept, refuse, type Result } from "@cell-monitor/protocol";
import { maySeeClass, type Principal } from "../auth/claims.ts";
import type { AppContext, RolePolicy } from "../routes/route.ts";

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Holds who asks against the route's policy. */
export function authorize(c: AppContext, who: Principal, policy: RolePolicy): Result<Principal> {
  if (!policy.roles.includes(who.role)) return refuse("forbidden", "This credential may not do that.");
  if (who.role === "class_key" && policy.scope !== undefined && !who.scopes.includes(policy.scope)) {
    return refuse("forbidden", `This class key has no scope to ${policy.scope}.`);
  }
  if (policy.classParameter !== undefined) {
    const classId = c.req.param(policy.classParameter) ?? "";
    // That a class exists is nobody's business who may not see it.
    if (!uuid.test(classId) || !maySeeClass(who, classId))
      return refuse("class_not_found", "There is no such class.");
  }
  return accept(who);
}
