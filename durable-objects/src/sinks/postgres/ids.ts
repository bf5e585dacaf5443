import { type ClassEvent, naturalId } from "@cell-monitor/protocol";

const rememberedIds = 20_000;

/** Ids by what names them, a part of the name a level: looked up without making one text of the parts. */
interface Remembered {
  id?: string;
  next?: Map<string, Remembered>;
}

/** Ids of one class's rows, made of what names them; those that many events share are made once. */
export class ClassIds {
  readonly #classId: string;
  #remembered: Remembered = {};
  #count = 0;

  constructor(classId: string) {
    this.#classId = classId;
  }

  /** For what few events name. */
  once(kind: string, ...key: readonly string[]): string {
    return naturalId(kind, this.#classId, ...key);
  }

  /**
   * For the row of one event. It is known by its number in its session; only without one by the id its client gave,
   * which another event may have been given, too.
   */
  ofEvent(kind: string, studentId: string, { eventId, sessionId, sequence }: ClassEvent): string {
    return sessionId === undefined || sequence === undefined
      ? naturalId(kind, this.#classId, studentId, eventId)
      : naturalId(kind, this.#classId, studentId, sessionId, String(sequence));
  }

  /** For what events name again and again. */
  shared(kind: string, ...key: readonly string[]): string {
    let known = nextOf(this.#remembered, kind);
    for (const part of key) known = nextOf(known, part);
    if (known.id === undefined) {
      known.id = naturalId(kind, this.#classId, ...key);
      this.#count += 1;
      if (this.#count > rememberedIds) this.#forget();
    }
    return known.id;
  }

  #forget(): void {
    this.#remembered = {};
    this.#count = 0;
  }
}

function nextOf(remembered: Remembered, part: string): Remembered {
  remembered.next ??= new Map();
  let known = remembered.next.get(part);
  if (!known) {
    known = {};
    remembered.next.set(part, known);
  }
  return known;
}
