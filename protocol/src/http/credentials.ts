import * as v from "valibot";
import { keyScopes } from "./classes.ts";
import { nameSchema } from "./texts.ts";

/** Past it a key has to be issued anew: one that was forgotten somewhere does not open a class for ever. */
export const keyLifetimeDays = { usual: 365, longest: 730 } as const;

const lifetimeDays = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(keyLifetimeDays.longest));
const scopes = v.array(v.picklist(keyScopes));

export const keyCreateSchema = v.object({
  scopes: v.pipe(scopes, v.minLength(1)),
  /** What the key is for, to tell it from others. */
  name: v.optional(nameSchema),
  lifetime_days: v.optional(lifetimeDays, keyLifetimeDays.usual),
});

/** A key as it is listed: everything but the key itself, which is shown once. */
export const keyRecordSchema = v.object({
  id: v.string(),
  name: v.string(),
  scopes,
  created_at: v.string(),
  expires_at: v.string(),
  /** When it ends because another took its place. */
  ends_at: v.nullable(v.string()),
  revoked_at: v.nullable(v.string()),
  replaced_by: v.nullable(v.string()),
});
export type KeyRecord = v.InferOutput<typeof keyRecordSchema>;

export const keyResponseSchema = v.object({ ...keyRecordSchema.entries, key: v.string() });

export const keyRotateSchema = v.object({
  lifetime_days: v.optional(lifetimeDays, keyLifetimeDays.usual),
  /** The old key ends after it; without one it stands until it is revoked. */
  grace_hours: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(90 * 24))),
});

export const loginLinkRecordSchema = v.object({
  id: v.string(),
  instructor_id: v.string(),
  instructor_name: v.string(),
  created_at: v.string(),
  expires_at: v.string(),
  redeemed_at: v.nullable(v.string()),
  revoked_at: v.nullable(v.string()),
});

/** What a revocation made void: all that was given out before. */
export const revocationSchema = v.object({ subject: v.string(), revoked_before: v.string() });
export const classRevocationSchema = v.object({ key_version: v.number() });

export const joinCodeSchema = v.object({ join_code: v.string(), join_open: v.boolean() });
