import type { Entity, Result } from "@cell-monitor/protocol";
import type { ClassClaims } from "../claims.ts";
import { mergeBoardChanges } from "../state/board/board-state.ts";
import { changedBoard } from "../state/board/entities.ts";
import type { ClassState } from "../state/class-state.ts";
import { entitiesSince, notebookEntity, runSlots, studentEntity } from "../state/entities.ts";
import { type Changes, noChanges } from "../state/fold-context.ts";
import type { StudentState } from "../state/student-state.ts";
import type { EventAt } from "../state/run-view.ts";
import { Pacer } from "./pacer.ts";
import type { Presence } from "./presence.ts";
import type { Socket } from "./socket.ts";
import { Watchers, type WatchersDeps } from "./watchers.ts";

export type Standing = "class" | "sinks";

export interface LiveViewDeps {
  readonly state: ClassState;
  /** An event as the log has it, as long as it has it. */
  readonly eventAt: EventAt;
  now(): number;
  epoch(): string;
  after(delayMs: number, callback: () => void): () => void;
  /** What is not in the log, as it stands: it has no version of its own, and goes along with every resume. */
  readonly standing: Readonly<Record<Standing, () => Entity[]>>;
  sockets(): readonly Socket[];
  readonly presence: Pick<Presence, "isConnected" | "hasChangedSince">;
  /** Whether a watcher's credential still stands. */
  check(claims: ClassClaims): Result<unknown>;
  readonly concerns: WatchersDeps["concerns"];
  readonly act: WatchersDeps["act"];
}

/** Turns changes of the state into frames for those who watch. */
export class LiveView {
  readonly #deps: LiveViewDeps;
  readonly #pacer: Pacer;
  readonly watchers: Watchers;
  #pending: Changes = noChanges();
  readonly #standingChanged = new Set<Standing>();
  #moved = new Set<string>();

  constructor(deps: LiveViewDeps) {
    this.#deps = deps;
    this.#pacer = new Pacer({ now: deps.now, after: deps.after, flush: () => this.#flush() });
    this.watchers = new Watchers({
      now: deps.now,
      epoch: deps.epoch,
      check: deps.check,
      concerns: deps.concerns,
      act: deps.act,
      sockets: deps.sockets,
      version: () => deps.state.version,
      entitiesSince: (version) => [
        ...deps.standing.class(),
        ...deps.standing.sinks(),
        ...this.#entitiesSince(version),
      ],
      runs: (studentId, slots) => {
        const student = deps.state.students.get(studentId);
        return student ? runSlots(student, deps.eventAt, slots) : [];
      },
    });
  }

  changed(changes: Changes): void {
    if (!this.#hasWatchers()) return;
    for (const id of changes.students) this.#pending.students.add(id);
    for (const id of changes.notebooks) this.#pending.notebooks.add(id);
    for (const id of changes.runs) this.#pending.runs.add(id);
    mergeBoardChanges(this.#pending.board, changes.board);
    this.#pacer.changed(changes.urgent);
  }

  /** A student's connection came or went. */
  presenceChanged(studentId: string): void {
    if (!this.#hasWatchers() || !this.#deps.state.students.has(studentId)) return;
    this.#pending.students.add(studentId);
    this.#pacer.changed(false);
  }

  /** Students came into another section. */
  moved(studentIds: readonly string[]): void {
    if (studentIds.length === 0 || !this.#hasWatchers()) return;
    for (const id of studentIds) {
      this.#pending.students.add(id);
      this.#moved.add(id);
    }
    this.#pacer.changed(false);
  }

  /** The class's settings or the standing of a sink changed. */
  standingChanged(standing: Standing): void {
    if (!this.#hasWatchers()) return;
    this.#standingChanged.add(standing);
    this.#pacer.changed(false);
  }

  #hasWatchers(): boolean {
    if (this.#deps.sockets().length > 0) return true;
    // Who comes later is greeted with the state as it is then.
    this.#pending = noChanges();
    this.#standingChanged.clear();
    this.#moved.clear();
    this.watchers.skip();
    return false;
  }

  #flush(): void {
    const { state, standing } = this.#deps;
    const pending = this.#pending;
    this.#pending = noChanges();
    const entities = Array.from(this.#standingChanged).flatMap((changed) => standing[changed]());
    this.#standingChanged.clear();
    for (const path of pending.notebooks) {
      const notebook = state.notebooks.get(path);
      if (notebook) entities.push(notebookEntity(notebook));
    }
    for (const id of pending.students) {
      const student = state.students.get(id);
      if (student) entities.push(this.#withPresence(studentEntity(student, state)));
    }
    entities.push(...changedBoard(state.board, pending.board, state.version));
    const moved = this.#moved;
    this.#moved = new Set();
    this.watchers.broadcast(entities, slotsByStudent(pending.runs), moved);
  }

  #entitiesSince(version: number): Entity[] {
    const { state, presence } = this.#deps;
    const isChanged = (student: StudentState) =>
      student.version > version || presence.hasChangedSince(student.id, version);
    return entitiesSince(state, version, isChanged).map((entity) => this.#withPresence(entity));
  }

  #withPresence(entity: Entity): Entity {
    if (entity.kind !== "student" || !entity.data || !this.#deps.presence.isConnected(entity.id))
      return entity;
    return { ...entity, data: { ...entity.data, connected: true } };
  }
}

/** Run entities by their student, from their ids: what nobody follows is not made. */
function slotsByStudent(ids: ReadonlySet<string>): Map<string, number[]> {
  const slots = new Map<string, number[]>();
  for (const id of ids) {
    const [studentId = "", slot] = id.split("/");
    const known = slots.get(studentId);
    if (known) known.push(Number(slot));
    else slots.set(studentId, [Number(slot)]);
  }
  return slots;
}
