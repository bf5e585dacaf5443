import { randomInt } from "node:crypto";
import {
  bearerSchema,
  type ClassResponse,
  classResponseSchema,
  instructorResponseSchema,
  keyResponseSchema,
  loginLinkResponseSchema,
  studentTokenSchema,
} from "@cell-monitor/protocol";
import * as v from "valibot";

import { Api, ApiError } from "./api.ts";
import type { DataFolder } from "./data-folder.ts";

/** What was made here so far; each part is kept as soon as it is there, so that a start cut off goes on from it. */
const identitySchema = v.object({
  classCode: v.string(),
  class: v.optional(v.object({ id: v.string(), joinCode: v.string() })),
  classKey: v.optional(v.string()),
  instructorId: v.optional(v.string()),
  adminToken: v.optional(bearerSchema),
  instructorToken: v.optional(bearerSchema),
  student: v.optional(studentTokenSchema),
});
type Identity = v.InferOutput<typeof identitySchema>;

/** Who one can be on a running stack, and how to get in. */
export interface Access {
  readonly classId: string;
  readonly classCode: string;
  readonly joinCode: string;
  readonly adminToken: string;
  readonly instructorToken: string;
  /** Of a student who is not one of the simulated. */
  readonly studentToken: string;
  /** May mint student credentials, and send any student's events. */
  readonly classKey: string;
  /** Good for one login. */
  readonly loginUrl: string;
}

export interface BootstrapOptions {
  readonly url: string;
  readonly adminKey: string;
  readonly data: DataFolder;
  /** What the class may collect; the API's default if absent. */
  readonly captureLevel?: "code";
  readonly nowMs: number;
}

const file = "identity.json";
// A token that is about to expire is of no use to who is handed it.
const marginMs = 60_000;

/** Makes the class with its instructor, key and tokens through the public API, or finds those of the last start. */
export async function bootstrap(options: BootstrapOptions): Promise<Access> {
  const { url, adminKey, data, captureLevel, nowMs } = options;
  const api = new Api(url);
  let identity: Identity = data.read(file, identitySchema) ?? { classCode: newClassCode() };
  const keep = (part: Partial<Identity>): void => {
    identity = { ...identity, ...part };
    data.write(file, identity);
  };
  keep({});

  const adminToken = fresh(identity.adminToken, nowMs) ?? (await newAdminToken(api, adminKey));
  keep({ adminToken });
  const bearer = adminToken.token;

  let own = identity.class;
  if (own === undefined || !(await isThere(api, bearer, own.id))) {
    // Keys and tokens of a class that isn't there are good for nothing.
    identity = { classCode: identity.classCode, adminToken };
    own = await makeClass(api, bearer, identity.classCode, captureLevel);
    keep({ class: own });
  }
  const { id: classId, joinCode } = own;
  const inClass = `/classes/${classId}`;

  const classKey =
    identity.classKey ??
    (await api.call(keyResponseSchema, `${inClass}/keys`, { bearer, body: { scopes: ["mint", "ingest"] } }))
      .key;
  keep({ classKey });

  const instructorId =
    identity.instructorId ??
    (await api.call(instructorResponseSchema, `${inClass}/instructors`, { bearer, body: instructor })).id;
  keep({ instructorId });

  const body = { instructor_id: instructorId };
  const instructorToken =
    fresh(identity.instructorToken, nowMs) ??
    (await api.call(bearerSchema, `${inClass}/instructor-tokens`, { bearer, body }));
  keep({ instructorToken });

  const student =
    fresh(identity.student, nowMs) ??
    (await api.call(studentTokenSchema, `${inClass}/student-tokens`, {
      bearer,
      body: { user_id: "guest@example.org", user_name: "Guest student" },
    }));
  keep({ student });

  const login = await api.call(loginLinkResponseSchema, `${inClass}/login-links`, { bearer, body });
  return {
    classId,
    classCode: identity.classCode,
    joinCode,
    adminToken: adminToken.token,
    instructorToken: instructorToken.token,
    studentToken: student.token,
    classKey,
    loginUrl: login.url,
  };
}

const instructor = { email: "instructor@example.org", name: "Demo instructor" };

function newAdminToken(api: Api, adminKey: string): Promise<v.InferOutput<typeof bearerSchema>> {
  return api.call(bearerSchema, "/auth/admin-token", { body: { adminKey } });
}

/** Whether the class is in the database: in a real one, somebody may have removed it. */
async function isThere(api: Api, bearer: string, classId: string): Promise<boolean> {
  try {
    await api.call(classResponseSchema, `/classes/${classId}`, { bearer });
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false;
    throw error;
  }
}

async function makeClass(
  api: Api,
  bearer: string,
  classCode: string,
  captureLevel: "code" | undefined,
): Promise<{ readonly id: string; readonly joinCode: string }> {
  const body = {
    name: "Introduction to Python",
    class_code: classCode,
    ...(captureLevel !== undefined && { capture_level: captureLevel }),
  };
  let made: ClassResponse | undefined;
  try {
    made = await api.call(classResponseSchema, "/classes", { bearer, body });
  } catch (error) {
    // A start that was cut off had made it without getting to write down its id.
    if (!(error instanceof ApiError && error.status === 409)) throw error;
    const classes = await api.call(v.array(classResponseSchema), "/classes", { bearer });
    made = classes.find((item) => item.class_code === classCode);
    if (made === undefined) throw error;
  }
  if (made.join_code === null) throw new Error("The class has no join code.");
  return { id: made.id, joinCode: made.join_code };
}

/** Random, since a real database behind `DATABASE_URL` may know classes of other stacks. */
function newClassCode(): string {
  return `python-${randomInt(36 ** 4)
    .toString(36)
    .padStart(4, "0")}`;
}

function fresh<Token extends { readonly expiresAt: string }>(
  token: Token | undefined,
  nowMs: number,
): Token | undefined {
  return token !== undefined && Date.parse(token.expiresAt) - marginMs > nowMs ? token : undefined;
}
