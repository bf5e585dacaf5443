import { accept, refuse, type Result } from "@cell-monitor/protocol";
import type { TestCaptureStub } from "@cell-monitor/durable-objects";
import { classClaimsOf, maySeeClass, onlyClass, type Principal } from "./auth/claims.ts";
import { checkWithClass } from "./classrooms.ts";
import type { Env } from "./env.ts";
import { warn } from "./log.ts";

/** The class whose tests are meant. A credential that names several, or all, has to say which. */
export function testedClass(who: Principal, named: string | undefined): Result<string> {
  const classId = named ?? onlyClass(who);
  if (classId === undefined) {
    const message = "must name the class, since the credential is good for several";
    return refuse("invalid_body", `The query is not right: class_id: ${message}`, {
      details: [{ field: "class_id", message }],
    });
  }
  if (!maySeeClass(who, classId)) return refuse("class_not_found", "There is no such class.");
  return accept(classId);
}

/** Of whom one may see what was captured: students of themselves, others of everybody. */
export function seenBy(who: Principal): string | undefined {
  return who.role === "student" ? who.sub : undefined;
}

/** Asks a class's capture something, if the credential stands with the class. */
export async function askCapture<T>(
  env: Env,
  who: Principal,
  classId: string,
  ask: (capture: TestCaptureStub) => Promise<T>,
): Promise<Result<T>> {
  const stands = await checkWithClass(env, classId, classClaimsOf(who, classId));
  return stands.ok ? askOne(env, classId, ask) : stands;
}

/** Has a class's capture keep nothing of a student. Harmless to repeat. */
export function eraseFromCapture(env: Env, classId: string, studentId: string): Promise<Result<number>> {
  return askOne(env, classId, (capture) => capture.forget(studentId));
}

async function askOne<T>(
  env: Env,
  classId: string,
  ask: (capture: TestCaptureStub) => Promise<T>,
): Promise<Result<T>> {
  try {
    return accept(await ask(env.TEST_CAPTURE.getByName(classId)));
  } catch (error) {
    warn("capture_unavailable", { classId, reason: String(error) });
    return refuse("unavailable", "The test capture did not answer; try again.", { retryAfterMs: 1_000 });
  }
}
