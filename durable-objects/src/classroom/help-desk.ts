import {
  accept,
  type ActionAnswer,
  type Batch,
  type ClassAction,
  type HelpRequest,
  refuse,
  type Result,
  type StudentNotification,
} from "@cell-monitor/protocol";
import type { ClassClaims } from "./claims.ts";
import type { Mail } from "./live/mail.ts";
import type { ClassState } from "./state/class-state.ts";
import { unnamedHelp } from "./state/folds/help.ts";
import {
  claimOf,
  type HelpState,
  nameOf,
  openHelps,
  raisedMs,
  type StudentState,
} from "./state/student-state.ts";

/** Who does something to a class. */
export interface Actor extends ClassClaims {
  readonly name?: string | undefined;
}

export interface HelpDeskDeps {
  readonly state: ClassState;
  readonly mail: Mail;
  now(): number;
  newId(): string;
  /** Whether a credential stands. */
  check(actor: Actor): Result<unknown>;
  /** Whether a student concerns the one who asks. */
  concerns(actor: Actor, studentId: string): boolean;
  /** Whether nothing is kept of a student any more. */
  isErased(studentId: string): boolean;
  /** Resolves once what was done is in the log, or is refused. */
  record(batch: Batch): Promise<Result<unknown>>;
  /** Does what writes to the disk, and starts the class over where that fails half way. */
  whole<T>(work: () => T): T;
}

type HelpAction = Extract<ClassAction, { helpId: string }>;

interface Request {
  readonly student: StudentState;
  readonly help: HelpState;
}

const noStudent = refuse("not_found", "There is no such student in the class.");
const done = accept<ActionAnswer>({ reached: 0 });

/** What those who teach do for students: go to who waits for help, end requests, write to one or to all. */
export class HelpDesk {
  readonly #deps: HelpDeskDeps;
  #last: Promise<unknown> = Promise.resolve();

  constructor(deps: HelpDeskDeps) {
    this.#deps = deps;
  }

  async act(actor: Actor, action: ClassAction): Promise<Result<ActionAnswer>> {
    const checked = this.#deps.check(actor);
    if (!checked.ok) return checked;
    if (action.type === "message") return this.#message(actor, action.studentId, action.text);
    if (action.type === "announce") return this.#announce(actor, action.text);
    // One after the other: of two who claim at once, the second is to see what the first did.
    const turn = this.#last.then(() => this.#change(actor, action));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** The open requests that concern somebody, who has waited longest first. */
  requests(actor: Actor): Result<HelpRequest[]> {
    const checked = this.#deps.check(actor);
    if (!checked.ok) return checked;
    const requests = this.#open(actor).map(({ student, help }): HelpRequest => {
      const claim = claimOf(help);
      return {
        help_id: help.helpId,
        student_id: student.id,
        student_name: nameOf(student),
        requested_at: new Date(raisedMs(help) ?? 0).toISOString(),
        note: help.note?.text ?? null,
        notebook: help.place?.notebook ?? null,
        cell_id: help.place?.cellId ?? null,
        cell_index: help.place?.cellIndex ?? null,
        claimed_by: claim ? { id: claim.id, name: claim.name ?? null } : null,
      };
    });
    return accept(requests);
  }

  /** Tells a student something, at once or on coming back. Answers whether it was at once. */
  notify(actor: Actor, studentId: string, notification: StudentNotification): Result<boolean> {
    const checked = this.#deps.check(actor);
    if (!checked.ok) return checked;
    const { mail, concerns, isErased, whole } = this.#deps;
    if (!concerns(actor, studentId) || isErased(studentId)) return noStudent;
    return accept(whole(() => mail.tell(studentId, notification)));
  }

  #message(actor: Actor, studentId: string, text: string): Result<ActionAnswer> {
    if (!this.#deps.state.students.has(studentId)) return noStudent;
    const told = this.notify(actor, studentId, { type: "message", text, ...fromOf(actor) });
    return told.ok ? accept({ reached: Number(told.value) }) : told;
  }

  #announce(actor: Actor, text: string): Result<ActionAnswer> {
    if (actor.sections)
      return refuse("forbidden", "An announcement goes to the class, not to sections of it.");
    return accept({ reached: this.#deps.whole(() => this.#deps.mail.announce(text, actor.name)) });
  }

  async #change(actor: Actor, action: HelpAction): Promise<Result<ActionAnswer>> {
    const found = this.#find(actor, action);
    if (!found.ok) return found;
    const { help } = found.value;
    const holder = claimOf(help);
    if (action.type === "help_release" && !holder) return done;
    if (action.type === "help_claim" && holder) {
      if (holder.id === actor.subject) return done;
      return refuse("conflict", `${holder.name ?? "Somebody"} is on the way already.`, {
        details: { claimed_by: holder },
      });
    }
    const recorded = await this.#deps.record(this.#batch(actor, action, found.value));
    return recorded.ok ? done : recorded;
  }

  #find(actor: Actor, { helpId, studentId }: HelpAction): Result<Request> {
    const found = this.#open(actor).filter(
      ({ student, help }) => help.helpId === helpId && (studentId === undefined || student.id === studentId),
    );
    const [only, another] = found;
    if (!only) return refuse("not_found", "That request is not open, or not any more.");
    if (another) return refuse("conflict", "Several students have a request of that id; say whose it is.");
    return accept(only);
  }

  #open(actor: Actor): Request[] {
    const waiting = Array.from(this.#deps.state.students.waiting());
    return waiting
      .filter(({ id }) => this.#deps.concerns(actor, id))
      .flatMap((student) => openHelps(student).map((help) => ({ student, help })))
      .sort((a, b) => (raisedMs(a.help) ?? 0) - (raisedMs(b.help) ?? 0));
  }

  #batch(actor: Actor, action: HelpAction, { student, help }: Request): Batch {
    const { now, newId } = this.#deps;
    const receivedMs = now();
    // Behind all that is known of the request, lest it change nothing.
    const knownMs = [...help.raises.map(([timeMs]) => timeMs), help.claim?.key[0] ?? 0];
    const timeMs = Math.max(receivedMs, ...knownMs.map((known) => known + 1));
    const note = action.type === "help_resolve" ? action.note : undefined;
    const event = {
      eventId: newId(),
      eventType: action.type,
      eventTime: new Date(timeMs).toISOString(),
      ...(help.helpId !== unnamedHelp && { helpId: help.helpId }),
      metadata: {
        by: actor.subject,
        ...(actor.name !== undefined && { byName: actor.name }),
        ...(note !== undefined && { resolution: note }),
      },
    };
    return { receivedMs, events: [{ index: 0, studentId: student.id, timeMs, event }], refused: [] };
  }
}

function fromOf({ name }: Actor): { from?: string } {
  return name === undefined ? {} : { from: name };
}
