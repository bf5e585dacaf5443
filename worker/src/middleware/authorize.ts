import { accept, refuse, type Result } from "@cell-monitor/protocol";
import { grantedTo, maySeeClass, type Principal, roleIn } from "../auth/claims.ts";
import type { AppContext, RolePolicy } from "../routes/route.ts";

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const forbidden = refuse("forbidden", "This credential may not do that.");

/** Holds who asks against the route's policy. */
export function authorize(c: AppContext, who: Principal, policy: RolePolicy): Result<Principal> {
  const granted = grantedTo(who, policy.roles);
  const isClassless = Object.keys(who.cls).length === 0 && policy.roles.includes(who.role);
  if (!granted.all && granted.ids.length === 0 && !isClassless) return forbidden;
  if (who.role === "class_key" && policy.scope !== undefined && !who.scopes.includes(policy.scope)) {
    return refuse("forbidden", `This class key has no scope to ${policy.scope}.`);
  }
  if (policy.classParameter !== undefined) {
    const classId = c.req.param(policy.classParameter) ?? "";
    // That a class exists is nobody's business who may not see it.
    if (!uuid.test(classId) || !maySeeClass(who, classId))
      return refuse("class_not_found", "There is no such class.");
    const role = roleIn(who, classId);
    if (role === undefined || !policy.roles.includes(role)) return forbidden;
  }
  return accept(who);
}
