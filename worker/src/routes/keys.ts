import {
  accept,
  keyCreateSchema,
  keyRecordSchema,
  keyResponseSchema,
  keyRotateSchema,
  pageSchema,
  refuse,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import { signToken } from "../auth/tokens.ts";
import { tellClass } from "../classrooms.ts";
import { type Env, identityIssuer } from "../env.ts";
import {
  addClassKey,
  listClassKeys,
  type MadeKey,
  revokeClassKey,
  rotateClassKey,
} from "../queries/class-keys.ts";
import { answered } from "./answer.ts";
import { defineRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

const hourMs = 60 * 60 * 1000;
const dayMs = 24 * hourMs;

const policy = { kind: "roles", roles: ["admin"], classParameter: "classId" } as const;

/** The key itself, which is not kept: whoever asked for it sees it once. */
async function shown(env: Env, classId: string, made: MadeKey, expiresMs: number) {
  const { key_version: keyVersion, ...record } = made;
  const holder = {
    use: "access",
    sub: record.id,
    role: "class_key",
    cls: { [classId]: keyVersion },
    scopes: record.scopes,
    idp: identityIssuer(env),
  } as const;
  return { ...record, key: await signToken(env, holder, expiresMs) };
}

const issue = defineRoute({
  method: "post",
  path: "/api/v1/classes/:classId/keys",
  tag: "auth",
  summary: "Issue a class key",
  description: "The key is shown in this answer and never again.",
  policy,
  body: keyCreateSchema,
  answer: { status: 201, schema: keyResponseSchema },
  async handle({ env, db, params: { classId }, body }) {
    const expiresMs = Date.now() + body.lifetime_days * dayMs;
    const scopes = [...new Set(body.scopes)];
    const made = await addClassKey(db, classId, { scopes, name: body.name ?? "", expiresMs });
    if (!made) return refuse("class_not_found", "There is no such class.");
    return accept(answered(await shown(env, classId, made, expiresMs)));
  },
});

const list = defineRoute({
  method: "get",
  path: "/api/v1/classes/:classId/keys",
  tag: "auth",
  summary: "A class's keys, newest first",
  policy,
  query: pageSchema,
  answer: { status: 200, schema: v.array(keyRecordSchema), isList: true },
  async handle({ db, params: { classId }, query }) {
    const { rows, total } = await listClassKeys(db, classId, query);
    return accept(answered(rows, { total }));
  },
});

const noSuchKey = refuse("not_found", "The class has no such key that still stands.");

const rotate = defineRoute({
  method: "post",
  path: "/api/v1/classes/:classId/keys/:keyId/rotate",
  tag: "auth",
  summary: "Issue a key in another's place",
  description:
    "The old key stands until it is revoked, or for `grace_hours`. What it minted lives on: a revocation ends that too.",
  policy,
  body: keyRotateSchema,
  answer: { status: 201, schema: keyResponseSchema },
  async handle({ env, db, params: { classId, keyId }, body }) {
    const nowMs = Date.now();
    const expiresMs = nowMs + body.lifetime_days * dayMs;
    const endsMs = body.grace_hours === undefined ? undefined : nowMs + body.grace_hours * hourMs;
    const made = await rotateClassKey(db, classId, keyId, { expiresMs, endsMs });
    if (!made) return noSuchKey;
    // The new key is shown whatever comes of it: it cannot be later, and the old one's end is told with the next change.
    await tellClass(env, classId);
    return accept(answered(await shown(env, classId, made, expiresMs)));
  },
});

const revoke = defineRoute({
  method: "delete",
  path: "/api/v1/classes/:classId/keys/:keyId",
  tag: "auth",
  summary: "Revoke a class key and every credential that it minted",
  policy,
  answer: { status: 200, schema: keyRecordSchema },
  async handle({ env, db, params: { classId, keyId } }) {
    const revoked = await revokeClassKey(db, classId, keyId);
    if (!revoked) return refuse("not_found", "The class has no such key.");
    const told = await tellClass(env, classId);
    return told.ok ? accept(answered(revoked)) : told;
  },
});

export const keyRoutes: readonly Route[] = [issue, list, rotate, revoke];
