import type {
  CellData,
  ClassData,
  Entity,
  EntityKind,
  ErrorData,
  LessonData,
  MinuteData,
  NotebookData,
  RunData,
  SinkData,
  StudentData,
} from "@cell-monitor/protocol";
import { batch } from "solid-js";
import { createStore, produce, reconcile } from "solid-js/store";
import type { DataFrame, ResumePoint } from "./make-live-link.ts";

export interface ClassState {
  class: ClassData | undefined;
  /** By path. */
  notebooks: Record<string, NotebookData>;
  /** By name. */
  sinks: Record<string, SinkData>;
  students: Record<string, StudentData>;
  /** By `studentId/slot`; of followed students only. */
  runs: Record<string, RunData>;
  /** What cells and errors are counted in. */
  lesson: LessonData | undefined;
  /** By `scope/number`; of the lesson's scope only. */
  cells: Record<string, CellData>;
  /** By `scope/number`; of the lesson's scope only. */
  errors: Record<string, ErrorData>;
  /** By their number since 1970. */
  minutes: Record<string, MinuteData>;
}

export interface ClassStore {
  readonly state: ClassState;
  /** Applies frames in their order. False: one is missing in between, and a resume is due. */
  apply(frames: readonly DataFrame[]): boolean;
  resumePoint(): ResumePoint | undefined;
}

/**
 * A class as the server last told it. Every entity carries the version that last changed it, so a frame that
 * comes twice or late changes nothing.
 */
export function createClassStore(): ClassStore {
  const [state, setState] = createStore<ClassState>({
    class: undefined,
    notebooks: {},
    sinks: {},
    students: {},
    runs: {},
    lesson: undefined,
    cells: {},
    errors: {},
    minutes: {},
  });
  /** Tombstones keep their version too: a late patch must not wake the dead. */
  const versions = new Map<string, number>();
  let point: ResumePoint | undefined;

  function put(entity: Entity): void {
    const key = `${entity.kind} ${entity.id}`;
    const known = versions.get(key);
    if (known !== undefined && entity.version < known) return;
    versions.set(key, entity.version);
    if (entity.data === null) {
      remove(entity.kind, entity.id);
      return;
    }
    switch (entity.kind) {
      case "class":
        setState("class", reconcile(entity.data));
        return;
      case "notebook":
        setState("notebooks", entity.id, reconcile(entity.data));
        return;
      case "sink":
        setState("sinks", entity.id, reconcile(entity.data));
        return;
      case "student":
        setState("students", entity.id, reconcile(entity.data));
        return;
      case "run":
        // A slot that is used again holds another run, not a changed one.
        if (state.runs[entity.id]?.executionId !== entity.data.executionId) remove("run", entity.id);
        setState("runs", entity.id, reconcile(entity.data));
        return;
      case "lesson":
        if (state.lesson?.scope !== entity.data.scope) forgetOtherScopes(entity.data.scope);
        setState("lesson", reconcile(entity.data));
        return;
      case "cell":
        setState("cells", entity.id, reconcile(entity.data));
        return;
      case "error":
        setState("errors", entity.id, reconcile(entity.data));
        return;
      case "minute":
        setState("minutes", entity.id, reconcile(entity.data));
    }
  }

  /** Another lesson or day is shown: nobody says of each cell of the one before that it is no more. */
  function forgetOtherScopes(scope: string): void {
    for (const kind of ["cell", "error"] as const) {
      for (const id of Object.keys(collectionOf(state, kind))) {
        if (id.startsWith(`${scope}/`)) continue;
        versions.delete(`${kind} ${id}`);
        remove(kind, id);
      }
    }
  }

  function remove(kind: EntityKind, id: string): void {
    setState(
      produce((draft) => {
        if (kind === "class" || kind === "lesson") draft[kind] = undefined;
        else delete collectionOf(draft, kind)[id];
      }),
    );
  }

  function startOver(entities: readonly Entity[], isNewEpoch: boolean): void {
    versions.clear();
    const named = new Set(entities.map(({ kind, id }) => `${kind} ${id}`));
    for (const kind of ["notebook", "sink", "student", "cell", "error", "minute"] as const) {
      for (const id of Object.keys(collectionOf(state, kind))) {
        if (!named.has(`${kind} ${id}`)) remove(kind, id);
      }
    }
    // Runs come to followers only, so a snapshot's silence about them says nothing; unless all was restored.
    if (isNewEpoch) setState("runs", reconcile({}));
  }

  function applyOne(frame: DataFrame): boolean {
    if (frame.type === "snapshot") {
      startOver(frame.entities, frame.epoch !== point?.epoch);
    } else if (frame.epoch !== point?.epoch) {
      return false;
    }
    for (const entity of frame.entities) put(entity);
    if (frame.type === "patch" && point && frame.from > point.to) return false;
    const to = frame.type === "snapshot" ? frame.to : Math.max(frame.to, point?.to ?? 0);
    point = { epoch: frame.epoch, to };
    return true;
  }

  return {
    state,
    apply: (frames) => batch(() => frames.map(applyOne).every((isWhole) => isWhole)),
    resumePoint: () => point,
  };
}

function collectionOf(
  state: ClassState,
  kind: Exclude<EntityKind, "class" | "lesson">,
): Record<string, unknown> {
  switch (kind) {
    case "notebook":
      return state.notebooks;
    case "sink":
      return state.sinks;
    case "student":
      return state.students;
    case "run":
      return state.runs;
    case "cell":
      return state.cells;
    case "error":
      return state.errors;
    case "minute":
      return state.minutes;
  }
}
