import { groupResponseSchema, type Role, ticketSchema } from "@cell-monitor/protocol";
import type { RoleRoute } from "../../src/routes/route.ts";
import { call, newClass, newInstructor, newStudent, read } from "../api.ts";
import { forge } from "../forge.ts";
import { type Furnished, newPerson } from "./fixtures.ts";

/** Who holds what: nothing that opens a route, or a role in the class that the addresses name, or in another. */
const unknowns = ["nobody", "ticket", "refresh", "session as bearer"] as const;
const roleOf = {
  student: "student",
  "mint key": "class_key",
  "ingest key": "class_key",
  instructor: "instructor",
  ta: "ta",
  "ta of a section": "ta",
  researcher: "researcher",
  "other class's student": "student",
  "other class's mint key": "class_key",
  "other class's ingest key": "class_key",
  "other class's instructor": "instructor",
  "other class's ta": "ta",
  "other class's researcher": "researcher",
  admin: "admin",
} as const satisfies Record<string, Role>;
type Known = keyof typeof roleOf;
export type Asker = (typeof unknowns)[number] | Known;

const knowns = Object.keys(roleOf).filter((name): name is Known => Object.hasOwn(roleOf, name));
export const askers: readonly Asker[] = [...unknowns, ...knowns];

export type Verdict = "unauthenticated" | "forbidden" | "class_not_found" | "hidden" | "let in";

function isUnknown(asker: Asker): asker is (typeof unknowns)[number] {
  return !Object.hasOwn(roleOf, asker);
}

/** What the policy says; written down apart from the code that holds to it. */
export function expected({ policy, path }: RoleRoute, asker: Asker): Verdict {
  if (isUnknown(asker)) return "unauthenticated";
  if (!policy.roles.includes(roleOf[asker])) return "forbidden";
  if (asker.endsWith("mint key") && policy.scope === "ingest") return "forbidden";
  if (asker.endsWith("ingest key") && policy.scope === "mint") return "forbidden";
  // The alias names no class, and neither does an admin's credential.
  if (asker === "admin") return path === "/ws" ? "forbidden" : "let in";
  if (!asker.startsWith("other class's")) return "let in";
  if (policy.classParameter !== undefined) return "class_not_found";
  return path.includes("/:") ? "hidden" : "let in";
}

/** Credentials of all who ask, and what they ask about. */
export async function furnish(): Promise<{ tokens: ReadonlyMap<Asker, string>; at: Furnished }> {
  const [made, other] = [await newClass(), await newClass()];
  const at = { made, student: await newStudent(made), instructor: await newInstructor(made) };
  const body = { class_id: made.class.id, name: "Tuesdays" };
  const sections = await call("/api/v1/sections", { token: made.admin, body });
  const section = (await read(sections, groupResponseSchema)).id;
  const ticket = await call("/api/v1/auth/ticket", { method: "POST", token: at.student.token });
  const [classId, otherId] = [made.class.id, other.class.id];
  const key = (id: string, scope: string) => forge(id, { claims: { role: "class_key", scopes: [scope] } });
  const session = { role: "instructor", use: "session" };
  const tokens = new Map<Asker, string>([
    ["ticket", (await read(ticket, ticketSchema)).ticket],
    ["refresh", at.student.refreshToken],
    ["session as bearer", await forge(classId, { claims: session })],
    ["student", at.student.token],
    ["mint key", await key(classId, "mint")],
    ["ingest key", await key(classId, "ingest")],
    ["instructor", at.instructor.token],
    ["ta", (await newPerson(made, "ta")).token],
    ["ta of a section", (await newPerson(made, "ta", [section])).token],
    ["researcher", (await newPerson(made, "researcher")).token],
    ["other class's student", (await newStudent(other)).token],
    ["other class's mint key", await key(otherId, "mint")],
    ["other class's ingest key", await key(otherId, "ingest")],
    ["other class's instructor", (await newInstructor(other)).token],
    ["other class's ta", (await newPerson(other, "ta")).token],
    ["other class's researcher", (await newPerson(other, "researcher")).token],
    ["admin", made.admin],
  ]);
  return { tokens, at };
}
