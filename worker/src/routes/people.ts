import {
  accept,
  createdId,
  personCreateSchema,
  personListQuerySchema,
  personResponseSchema,
  personUpdateSchema,
  refuse,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import { endSessions } from "../auth/end-sessions.ts";
import { staleVersion, wantedVersion } from "../middleware/if-match.ts";
import { people } from "../queries/members.ts";
import { answered } from "./answer.ts";
import { defineRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

const admins = { kind: "roles", roles: ["admin"] } as const;
const path = "/api/v1/instructors";
const pathOfOne = "/api/v1/instructors/:instructorId";

const list = defineRoute({
  method: "get",
  path,
  tag: "people",
  summary: "Everybody who may log in",
  policy: admins,
  query: personListQuerySchema,
  answer: { status: 200, schema: v.array(personResponseSchema), isList: true },
  async handle({ db, granted, query: { skip, limit, ...filters } }) {
    const { rows, total } = await people.list(db, granted, { skip, limit }, filters);
    return accept(answered(rows, { total }));
  },
});

const create = defineRoute({
  method: "post",
  path,
  tag: "people",
  summary: "Let somebody log in who is in no class yet",
  policy: admins,
  body: personCreateSchema,
  answer: { status: 201, schema: personResponseSchema, isVersioned: true },
  async handle({ db, body }) {
    const made = await people.insert(db, { ...body, id: createdId(Date.now()) });
    return made.ok ? accept(answered(made.value, { version: made.value.version })) : made;
  },
});

const show = defineRoute({
  method: "get",
  path: pathOfOne,
  tag: "people",
  summary: "Somebody who may log in",
  policy: admins,
  answer: { status: 200, schema: personResponseSchema, isVersioned: true },
  async handle({ db, granted, params: { instructorId } }) {
    const row = await people.find(db, granted, instructorId);
    if (!row) return refuse("not_found", "There is no such person.");
    return accept(answered(row, { version: row.version }));
  },
});

const change = defineRoute({
  method: "put",
  path: pathOfOne,
  tag: "people",
  summary: "Change what is named of a person",
  description: "With another role, their sessions end.",
  policy: admins,
  body: personUpdateSchema,
  answer: { status: 200, schema: personResponseSchema, isVersioned: true },
  async handle({ c, env, db, granted, params: { instructorId }, body }) {
    const wanted = wantedVersion(c);
    if (!wanted.ok) return wanted;
    const changed = await people.update(db, granted, instructorId, body, { version: wanted.value });
    if (!changed.ok) return changed;
    if (body.role !== undefined) {
      const ended = await endSessions(env, db, instructorId, true);
      if (!ended.ok) return ended;
    }
    return accept(answered(changed.value, { version: changed.value.version }));
  },
});

const remove = defineRoute({
  method: "delete",
  path: pathOfOne,
  tag: "people",
  summary: "Let somebody log in no more, and take them out of all classes",
  policy: admins,
  answer: { status: 200, schema: personResponseSchema },
  async handle({ c, env, db, granted, params: { instructorId } }) {
    const wanted = wantedVersion(c);
    if (!wanted.ok) return wanted;
    const row = await people.find(db, granted, instructorId);
    if (!row) return refuse("not_found", "There is no such person.");
    if ((wanted.value ?? row.version) !== row.version) return staleVersion;
    // While the row still says where they are: their classes have to be told.
    const ended = await endSessions(env, db, instructorId);
    if (!ended.ok) return ended;
    const removed = await people.remove(db, granted, instructorId, { version: wanted.value });
    return removed.ok ? accept(answered(removed.value)) : removed;
  },
});

export const personRoutes: readonly Route[] = [list, create, show, change, remove];
