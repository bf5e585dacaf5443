import {
  accept,
  createdId,
  groupCreateSchema,
  groupListQuerySchema,
  groupResponseSchema,
  groupUpdateSchema,
  refuse,
  type Result,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import type { Env } from "../env.ts";
import { tellClass } from "../classrooms.ts";
import { wantedVersion } from "../middleware/if-match.ts";
import { sections, teams } from "../queries/groups.ts";
import { answered } from "./answer.ts";
import { defineRoute } from "./define-route.ts";
import { hasRoom, mayName } from "./of-class.ts";
import type { Route } from "./route.ts";

interface Kind {
  readonly name: "teams" | "sections";
  readonly one: string;
  readonly most: number;
  readonly resource: typeof teams;
  /** Tells the class who is no more where they were. */
  removed(env: Env, classId: string): Promise<Result<true>>;
}

const staff = ["instructor", "ta", "admin"] as const;
const owners = ["instructor", "admin"] as const;

function groupRoutes({ name, one, most, resource, removed }: Kind): Route[] {
  const noSuchGroup = refuse("not_found", `There is no such ${one}.`);
  const about = { tag: "classes" } as const;
  const path = `/api/v1/${name}` as const;
  const pathOfOne = `/api/v1/${name}/:groupId` as const;

  const create = defineRoute({
    ...about,
    method: "post",
    path,
    summary: `Make a ${one}`,
    policy: { kind: "roles", roles: owners },
    body: groupCreateSchema,
    answer: { status: 201, schema: groupResponseSchema, isVersioned: true },
    async handle({ db, granted, body }) {
      const named = mayName(granted, body.class_id);
      if (!named.ok) return named;
      const { total } = await resource.list(db, granted, { skip: 0, limit: 1 }, { class_id: body.class_id });
      const room = hasRoom(total, most, name);
      if (!room.ok) return room;
      const made = await resource.insert(db, { ...body, id: createdId(Date.now()) });
      return made.ok ? accept(answered(made.value, { version: made.value.version })) : made;
    },
  });

  const list = defineRoute({
    ...about,
    method: "get",
    path,
    summary: `The ${name} of one's classes`,
    policy: { kind: "roles", roles: staff },
    query: groupListQuerySchema,
    answer: { status: 200, schema: v.array(groupResponseSchema), isList: true },
    async handle({ db, granted, query: { skip, limit, class_id } }) {
      const { rows, total } = await resource.list(db, granted, { skip, limit }, { class_id });
      return accept(answered(rows, { total }));
    },
  });

  const show = defineRoute({
    ...about,
    method: "get",
    path: pathOfOne,
    summary: `A ${one}`,
    policy: { kind: "roles", roles: staff },
    answer: { status: 200, schema: groupResponseSchema, isVersioned: true },
    async handle({ db, granted, params: { groupId } }) {
      const row = await resource.find(db, granted, groupId);
      return row ? accept(answered(row, { version: row.version })) : noSuchGroup;
    },
  });

  const change = defineRoute({
    ...about,
    method: "put",
    path: pathOfOne,
    summary: `Change what is named of a ${one}`,
    policy: { kind: "roles", roles: owners },
    body: groupUpdateSchema,
    answer: { status: 200, schema: groupResponseSchema, isVersioned: true },
    async handle({ c, db, granted, params: { groupId }, body }) {
      const wanted = wantedVersion(c);
      if (!wanted.ok) return wanted;
      const changed = await resource.update(db, granted, groupId, body, { version: wanted.value });
      return changed.ok ? accept(answered(changed.value, { version: changed.value.version })) : changed;
    },
  });

  const remove = defineRoute({
    ...about,
    method: "delete",
    path: pathOfOne,
    summary: `Remove a ${one}; its students stay in the class`,
    policy: { kind: "roles", roles: owners },
    answer: { status: 200, schema: groupResponseSchema },
    async handle({ c, env, db, granted, params: { groupId } }) {
      const wanted = wantedVersion(c);
      if (!wanted.ok) return wanted;
      const gone = await resource.remove(db, granted, groupId, { version: wanted.value });
      if (!gone.ok) return gone;
      const told = await removed(env, gone.value.class_id);
      return told.ok ? accept(answered(gone.value)) : told;
    },
  });

  return [create, list, show, change, remove];
}

const nobodyToTell = () => Promise.resolve(accept<true>(true));

export const teamRoutes: readonly Route[] = groupRoutes({
  name: "teams",
  one: "team",
  most: 500,
  resource: teams,
  removed: nobodyToTell,
});

export const sectionRoutes: readonly Route[] = groupRoutes({
  name: "sections",
  one: "section",
  most: 200,
  resource: sections,
  removed: tellClass,
});
