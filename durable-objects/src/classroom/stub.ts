import type {
  ActionAnswer,
  Batch,
  ClassAction,
  Completeness,
  HelpRequest,
  Page,
  ReplayRequest,
  ReplayResponse,
  Result,
  StudentNotification,
} from "@cell-monitor/protocol";
import type { ClassClaims } from "./claims.ts";
import type { DeadLetterPage, DeadLetterQuery } from "./dead-letter-page.ts";
import type { Recorded } from "./class-object.ts";
import type { ErasedFromClass } from "./privacy/erase.ts";
import type { Actor } from "./help-desk.ts";
import type { ClassSettings } from "./settings.ts";

/** What the worker may ask of a class. */
export interface ClassroomStub {
  configure(settings: ClassSettings): Promise<void>;
  ingest(claims: ClassClaims, batch: Batch): Promise<Result<Recorded>>;
  completeness(claims: ClassClaims, page: Page): Promise<Result<Completeness>>;
  deadLetters(claims: ClassClaims, query: DeadLetterQuery): Promise<Result<DeadLetterPage>>;
  replayDeadLetters(claims: ClassClaims, choice: ReplayRequest): Promise<Result<ReplayResponse>>;
  act(actor: Actor, action: ClassAction): Promise<Result<ActionAnswer>>;
  helpRequests(actor: Actor): Promise<Result<HelpRequest[]>>;
  /** Answers whether the student has been told at once, or is on coming back. */
  notify(claims: ClassClaims, studentId: string, notification: StudentNotification): Promise<Result<boolean>>;
  erase(studentId: string): Promise<Result<ErasedFromClass>>;
  remove(): Promise<void>;
  check(claims: ClassClaims): Promise<Result<true>>;
  fetch(request: Request): Promise<Response>;
}

/** The binding: one class object a name, anywhere. */
export interface ClassroomNamespace {
  getByName(classId: string): ClassroomStub;
}
