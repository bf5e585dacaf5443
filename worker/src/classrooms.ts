import type {
  Actor,
  ClassClaims,
  ClassroomStub,
  DeadLetterPage,
  DeadLetterQuery,
  ErasedFromClass,
  Recorded,
} from "@cell-monitor/durable-objects";
import {
  accept,
  type ActionAnswer,
  type Batch,
  type ClassAction,
  type Completeness,
  type HelpRequest,
  type Page,
  refuse,
  type ReplayRequest,
  type ReplayResponse,
  type Result,
  type StudentNotification,
} from "@cell-monitor/protocol";
import type { Env } from "./env.ts";
import { classSettings } from "./queries/class-settings.ts";

export function classroomOf(env: Env, classId: string): ClassroomStub {
  return env.CLASSROOM.getByName(classId);
}

/** Tells a new class's object of itself; one that can't be reached now is told when it is first asked. */
export async function announceClass(env: Env, classId: string): Promise<void> {
  try {
    await configureClass(env, classId);
  } catch (error) {
    console.error(JSON.stringify({ message: "class_not_announced", classId, reason: String(error) }));
  }
}

/** Tells a class's object of what was changed and must hold at once. */
export async function tellClass(env: Env, classId: string): Promise<Result<true>> {
  try {
    await configureClass(env, classId);
    return accept(true);
  } catch (error) {
    console.error(JSON.stringify({ message: "class_not_told", classId, reason: String(error) }));
    return refuse("unavailable", "It is written down, but the class did not answer; ask for it once more.", {
      retryAfterMs: 1_000,
    });
  }
}

/** Tells the class's object what Postgres says of it. Harmless to repeat. */
async function configureClass(env: Env, classId: string): Promise<boolean> {
  const settings = await classSettings(env, classId);
  if (!settings) return false;
  await classroomOf(env, classId).configure(settings);
  return true;
}

/** Has a class's object forget all it holds, and close its connections. Harmless to repeat. */
export async function removeClass(env: Env, classId: string): Promise<Result<true>> {
  try {
    await classroomOf(env, classId).remove();
    return accept(true);
  } catch (error) {
    console.error(JSON.stringify({ message: "class_not_removed", classId, reason: String(error) }));
    return refuse("unavailable", "The class did not answer; ask for it once more.", { retryAfterMs: 1_000 });
  }
}

/** Has a class's object keep nothing of a student of whom it has been told so. Harmless to repeat. */
export function eraseFromClass(
  env: Env,
  classId: string,
  studentId: string,
): Promise<Result<ErasedFromClass>> {
  return askClass(env, classId, (classroom) => classroom.erase(studentId));
}

const unknownOutcome = refuse("unavailable", "The class did not answer; send again.", {
  retryAfterMs: 1_000,
});

/** Hands a batch to its class. When no answer comes it isn't known whether it was recorded: sending again is safe. */
export function ingest(
  env: Env,
  classId: string,
  claims: ClassClaims,
  batch: Batch,
): Promise<Result<Recorded>> {
  return askClass(env, classId, (classroom) => classroom.ingest(claims, batch));
}

/** Whether a credential still stands with its class. */
export function checkWithClass(env: Env, classId: string, claims: ClassClaims): Promise<Result<true>> {
  return askClass(env, classId, (classroom) => classroom.check(claims));
}

/** Has a class do what one who teaches asks for. */
export function actInClass(
  env: Env,
  classId: string,
  actor: Actor,
  action: ClassAction,
): Promise<Result<ActionAnswer>> {
  return askClass(env, classId, (classroom) => classroom.act(actor, action));
}

/** Who waits for help in a class, as far as it concerns the one who asks. */
export function helpRequestsOf(env: Env, classId: string, actor: Actor): Promise<Result<HelpRequest[]>> {
  return askClass(env, classId, (classroom) => classroom.helpRequests(actor));
}

/** Tells a student something: at once where they are there, else when they come. Answers whether it was at once. */
export function notifyStudent(
  env: Env,
  classId: string,
  claims: ClassClaims,
  studentId: string,
  notification: StudentNotification,
): Promise<Result<boolean>> {
  return askClass(env, classId, (classroom) => classroom.notify(claims, studentId, notification));
}

/** What a class has of its students' events, and what it misses. */
export function completenessOf(
  env: Env,
  classId: string,
  claims: ClassClaims,
  page: Page,
): Promise<Result<Completeness>> {
  return askClass(env, classId, (classroom) => classroom.completeness(claims, page));
}

/** What the class's stores refused for good. */
export function deadLettersOf(
  env: Env,
  classId: string,
  claims: ClassClaims,
  query: DeadLetterQuery,
): Promise<Result<DeadLetterPage>> {
  return askClass(env, classId, (classroom) => classroom.deadLetters(claims, query));
}

/** Offers what the class's stores refused for good to them again. */
export function replayDeadLetters(
  env: Env,
  classId: string,
  claims: ClassClaims,
  choice: ReplayRequest,
): Promise<Result<ReplayResponse>> {
  return askClass(env, classId, (classroom) => classroom.replayDeadLetters(claims, choice));
}

/** Asks a class; one that has not heard of itself yet is set up from Postgres and asked again. */
async function askClass<T>(
  env: Env,
  classId: string,
  ask: (classroom: ClassroomStub) => Promise<Result<T>>,
): Promise<Result<T>> {
  try {
    const answer = await ask(classroomOf(env, classId));
    if (answer.ok || answer.refusal.code !== "class_not_found") return answer;
    if (!(await configureClass(env, classId))) return answer;
    return await ask(classroomOf(env, classId));
  } catch (error) {
    console.error(JSON.stringify({ message: "class_unavailable", classId, reason: String(error) }));
    return unknownOutcome;
  }
}
