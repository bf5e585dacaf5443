import type {
  ClassData,
  Entity,
  EntityKind,
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
    }
  }

  function remove(kind: EntityKind, id: string): void {
    setState(
      produce((draft) => {
        if (kind === "class") draft.class = undefined;
        else delete collectionOf(draft, kind)[id];
      }),
    );
  }

  function startOver(entities: readonly Entity[], isNewEpoch: boolean): void {
    versions.clear();
    const named = new Set(entities.map(({ kind, id }) => `${kind} ${id}`));
    for (const kind of ["notebook", "sink", "student"] as const) {
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

function collectionOf(state: ClassState, kind: Exclude<EntityKind, "class">): Record<string, unknown> {
  switch (kind) {
    case "notebook":
      return state.notebooks;
    case "sink":
      return state.sinks;
    case "student":
      return state.students;
    case "run":
      return state.runs;
  }
}
