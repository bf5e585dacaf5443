import type { NotebookData } from "@cell-monitor/protocol";
import { createComputed, createEffect, createMemo, createSignal, For, on, Show, untrack } from "solid-js";
import { useI18n } from "../i18n/context.tsx";
import type { CalmOrder, PlacedStudent } from "../live/create-calm-order.ts";
import type { Student } from "../live/create-students.ts";
import { type NeedGroup, needGroups } from "../live/need.ts";
import { createGradualList } from "./create-gradual-list.ts";
import { captureForFlip } from "./flip.ts";
import { StudentTile } from "./StudentTile.tsx";

interface StudentGridProps {
  order: CalmOrder;
  matches(student: Student): boolean;
  hrefOf(studentId: string): string;
  openStudent: string | undefined;
  mainNotebook: string | undefined;
  notebooks: Record<string, NotebookData>;
  nowMs: number;
  isCompact: boolean;
}

const tileSelector = "a.tile";
const tileId = (element: HTMLElement) => element.dataset["studentId"] ?? "";

/** The students in groups by need. Pointing at one, or moving among them by keys, holds the order still. */
export function StudentGrid(props: StudentGridProps) {
  const { t } = useI18n();
  const [container, setContainer] = createSignal<HTMLDivElement>();
  let settle: (() => void) | undefined;
  // Before the page is changed by the new order, and after.
  createComputed(
    on(props.order.placed, () => {
      const element = untrack(container);
      settle = element && captureForFlip(element, tileSelector, tileId);
    }),
  );
  createEffect(on(props.order.placed, () => settle?.()));
  const matching = createMemo(() => props.order.placed().filter(({ student }) => props.matches(student)));
  const shown = createGradualList(matching);

  return (
    <div
      ref={setContainer}
      class="groups"
      data-density={props.isCompact ? "compact" : "comfortable"}
      onPointerMove={() => props.order.hold()}
      onPointerLeave={() => props.order.release()}
      onKeyDown={(event) => {
        props.order.hold();
        if (moveFocus(event.currentTarget, event.key)) event.preventDefault();
      }}
    >
      <Show when={matching().length === 0}>
        <p class="faint no-match">{t("grid.noMatch")}</p>
      </Show>
      <For each={needGroups}>
        {(group) => (
          <TileGroup {...props} group={group} students={shown().filter((placed) => placed.group === group)} />
        )}
      </For>
    </div>
  );
}

function TileGroup(props: StudentGridProps & { group: NeedGroup; students: readonly PlacedStudent[] }) {
  const { t } = useI18n();
  const students = createMemo(() => props.students.map(({ student }) => student));
  return (
    <Show when={students().length > 0}>
      <section class="group" data-group={props.group} aria-label={t(`group.${props.group}`)}>
        <h2>
          {t(`group.${props.group}`)} <span class="group-count">{students().length}</span>
        </h2>
        <div class="tiles">
          <For each={students()}>
            {(student) => (
              <StudentTile
                student={student}
                href={props.hrefOf(student.id)}
                notebooks={props.notebooks}
                mainNotebook={props.mainNotebook}
                nowMs={props.nowMs}
                isOpen={props.openStudent === student.id}
              />
            )}
          </For>
        </div>
      </section>
    </Show>
  );
}

/** Arrow keys go from tile to tile; up and down to the one that lies nearest in the next row. */
function moveFocus(container: HTMLElement, key: string): boolean {
  const tiles = [...container.querySelectorAll<HTMLElement>(tileSelector)];
  const index = tiles.findIndex((tile) => tile === document.activeElement);
  const current = tiles[index];
  if (!current) return false;
  const next = neighbour(tiles, index, current, key);
  next?.focus();
  return next !== undefined;
}

function neighbour(tiles: readonly HTMLElement[], index: number, current: HTMLElement, key: string) {
  if (key === "ArrowRight") return tiles[index + 1];
  if (key === "ArrowLeft") return tiles[index - 1];
  if (key !== "ArrowDown" && key !== "ArrowUp") return undefined;
  const from = current.getBoundingClientRect();
  const isBeyond = (box: DOMRect) => (key === "ArrowDown" ? box.top >= from.bottom : box.bottom <= from.top);
  let nearest: HTMLElement | undefined;
  let nearestBy = Number.POSITIVE_INFINITY;
  for (const tile of tiles) {
    const box = tile.getBoundingClientRect();
    // A row further off counts for more than any step to the side.
    const by = Math.abs(box.top - from.top) * 10 + Math.abs(box.left - from.left);
    if (isBeyond(box) && by < nearestBy) [nearest, nearestBy] = [tile, by];
  }
  return nearest;
}
