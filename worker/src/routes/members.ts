import {
  accept,
  memberCreateSchema,
  memberListQuerySchema,
  type MemberResponse,
  memberResponseSchema,
  memberUpdateSchema,
  refuse,
  type Result,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import { type Principal, roleIn } from "../auth/claims.ts";
import { tellClass } from "../classrooms.ts";
import type { Env } from "../env.ts";
import { staleVersion, wantedVersion } from "../middleware/if-match.ts";
import { findClass } from "../queries/classes.ts";
import { addMember, changeMember, findMember, listMembers, removeMember } from "../queries/members.ts";
import { answered } from "./answer.ts";
import { defineRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

const path = "/api/v1/classes/:classId/instructors";
const pathOfOne = "/api/v1/classes/:classId/instructors/:instructorId";
const staff = { kind: "roles", roles: ["instructor", "ta", "admin"], classParameter: "classId" } as const;
const owners = { kind: "roles", roles: ["instructor", "admin"], classParameter: "classId" } as const;
const noSuchClass = refuse("class_not_found", "There is no such class.");
const noSuchMember = refuse("not_found", "The class has nobody like that.");

type MemberRole = MemberResponse["role"];

/** Instructors see to their assistants; who else teaches or researches a class is for administrators to say. */
function maySet(who: Principal, classId: string, ...memberRoles: readonly MemberRole[]): Result<true> {
  if (roleIn(who, classId) === "admin" || memberRoles.every((role) => role === "ta")) return accept(true);
  return refuse("forbidden", "Only an administrator may do that with others than teaching assistants.");
}

function confinable(role: MemberRole, sectionIds: readonly string[] | null): Result<true> {
  if (role === "ta" || sectionIds === null) return accept(true);
  return refuse("invalid_body", "The body is not right: section_ids: only a ta is confined to sections.", {
    details: [{ field: "section_ids", message: "only a ta is confined to sections" }],
  });
}

async function told(env: Env, classId: string, member: MemberResponse, isThere = true) {
  const heard = await tellClass(env, classId);
  return heard.ok ? accept(answered(member, isThere ? { version: member.version } : {})) : heard;
}

const list = defineRoute({
  method: "get",
  path,
  tag: "people",
  summary: "Who teaches a class, helps to, or researches it",
  policy: staff,
  query: memberListQuerySchema,
  answer: { status: 200, schema: v.array(memberResponseSchema), isList: true },
  async handle({ env, db, params: { classId }, query: { skip, limit, role } }) {
    const { rows, total } = await listMembers(db, classId, role, { skip, limit });
    if (total === 0 && !(await findClass(env, classId))) return noSuchClass;
    return accept(answered(rows, { total }));
  },
});

const add = defineRoute({
  method: "post",
  path,
  tag: "people",
  summary: "Add an instructor, a teaching assistant or a researcher to a class",
  description:
    "A person is known by their address, in all classes. To add somebody again as what they are changes nothing. An " +
    "instructor may add teaching assistants.",
  policy: owners,
  body: memberCreateSchema,
  answer: { status: 201, schema: memberResponseSchema, isVersioned: true },
  async handle({ db, who, params: { classId }, body: { email, name, role, section_ids: given = null } }) {
    const allowed = maySet(who, classId, role);
    if (!allowed.ok) return allowed;
    const meant = confinable(role, given);
    if (!meant.ok) return meant;
    const sectionIds = given && [...new Set(given)].sort();
    const added = await addMember(db, classId, { email, name, role, sectionIds });
    if (!added.ok) return added;
    const member = added.value;
    if (!member) return noSuchClass;
    if (member.role === role && String(member.section_ids) === String(sectionIds)) {
      return accept(answered(member, { version: member.version }));
    }
    return refuse("conflict", `They are in the class already, as ${member.role}; change that instead.`, {
      details: [{ field: "email", message: "is in the class already" }],
    });
  },
});

const change = defineRoute({
  method: "put",
  path: pathOfOne,
  tag: "people",
  summary: "Change what somebody is in a class, or which sections they are confined to",
  description: "Their sessions end: they log in again as what they are now.",
  policy: owners,
  body: memberUpdateSchema,
  answer: { status: 200, schema: memberResponseSchema, isVersioned: true },
  async handle({ c, env, db, who, params: { classId, instructorId }, body }) {
    const wanted = wantedVersion(c);
    if (!wanted.ok) return wanted;
    const member = await findMember(db, classId, instructorId);
    if (!member) return noSuchMember;
    const role = body.role ?? member.role;
    const allowed = maySet(who, classId, member.role, role);
    if (!allowed.ok) return allowed;
    const isChanged = body.role !== undefined || body.section_ids !== undefined;
    if (!isChanged && (wanted.value ?? member.version) === member.version) {
      return accept(answered(member, { version: member.version }));
    }
    const kept = role === "ta" ? member.section_ids : null;
    const sectionIds = body.section_ids === undefined ? kept : body.section_ids;
    const meant = confinable(role, sectionIds);
    if (!meant.ok) return meant;
    const place = { version: wanted.value, role, sectionIds };
    const changed = await changeMember(db, classId, instructorId, place);
    if (!changed.ok) return changed;
    return changed.value ? told(env, classId, changed.value) : staleVersion;
  },
});

const remove = defineRoute({
  method: "delete",
  path: pathOfOne,
  tag: "people",
  summary: "Take somebody out of a class",
  description: "Their sessions end, and their connections to the class are closed.",
  policy: owners,
  answer: { status: 200, schema: memberResponseSchema },
  async handle({ c, env, db, who, params: { classId, instructorId } }) {
    const wanted = wantedVersion(c);
    if (!wanted.ok) return wanted;
    const member = await findMember(db, classId, instructorId);
    if (!member) return noSuchMember;
    const allowed = maySet(who, classId, member.role);
    if (!allowed.ok) return allowed;
    const removed = await removeMember(db, classId, instructorId, wanted.value);
    return removed ? told(env, classId, removed, false) : staleVersion;
  },
});

export const memberRoutes: readonly Route[] = [list, add, change, remove];
