import type { NotebookData } from "@cell-monitor/protocol";
import { createMemo, For, Index, Show } from "solid-js";
import { useI18n } from "../i18n/context.tsx";
import { crowdsByCell, type Located, notebookName } from "../live/place.ts";

interface CellStripProps {
  students: readonly Located[];
  notebooks: Record<string, NotebookData>;
  notebook: string | undefined;
  chosenCell: number | undefined;
  onChooseNotebook(path: string): void;
  onChooseCell(cellIndex: number | undefined): void;
}

/** Where in a notebook the class is: a column a cell, as high as there are students at it. */
export function CellStrip(props: CellStripProps) {
  const { t } = useI18n();
  const paths = () => Object.keys(props.notebooks).sort();
  const crowds = createMemo(() =>
    props.notebook === undefined
      ? []
      : crowdsByCell(props.students, props.notebook, props.notebooks[props.notebook]?.cellCount ?? 0),
  );
  const highest = createMemo(() => Math.max(4, ...crowds().map(({ total }) => total)));

  return (
    <section class="strip" aria-labelledby="strip-title">
      <div class="strip-head">
        <h2 id="strip-title">{t("strip.title")}</h2>
        <Show
          when={paths().length > 1}
          fallback={<span class="faint">{notebookName(props.notebook ?? "")}</span>}
        >
          <label class="quiet-select">
            <span class="visually-hidden">{t("strip.notebook")}</span>
            <select
              value={props.notebook ?? ""}
              onChange={(event) => props.onChooseNotebook(event.currentTarget.value)}
            >
              <For each={paths()}>{(path) => <option value={path}>{notebookName(path)}</option>}</For>
            </select>
          </label>
        </Show>
        <ul class="legend" aria-hidden="true">
          <li data-part="blocked">{t("strip.legendBlocked")}</li>
          <li data-part="erring">{t("strip.legendError")}</li>
          <li data-part="idle">{t("strip.legendIdle")}</li>
          <li data-part="working">{t("strip.legendWorking")}</li>
        </ul>
      </div>
      <Show when={crowds().length > 0} fallback={<p class="faint strip-empty">{t("strip.nobody")}</p>}>
        <div class="strip-cells" style={{ "--highest": String(highest()) }}>
          <Index each={crowds()}>
            {(crowd) => {
              const label = () =>
                t("strip.cellTitle", crowd().cellIndex + 1, crowd().total, crowd().blocked, crowd().erring);
              const working = () => crowd().total - crowd().blocked - crowd().erring - crowd().idle;
              return (
                <button
                  type="button"
                  class="strip-cell"
                  data-testid="strip-cell"
                  data-cell-index={crowd().cellIndex}
                  data-total={crowd().total}
                  aria-pressed={props.chosenCell === crowd().cellIndex}
                  aria-label={label()}
                  title={label()}
                  onClick={() =>
                    props.onChooseCell(props.chosenCell === crowd().cellIndex ? undefined : crowd().cellIndex)
                  }
                >
                  <span class="strip-total">{crowd().total || ""}</span>
                  <span class="strip-column">
                    <StripPart part="blocked" count={crowd().blocked} />
                    <StripPart part="erring" count={crowd().erring} />
                    <StripPart part="idle" count={crowd().idle} />
                    <StripPart part="working" count={working()} />
                  </span>
                  <span class="strip-number">{crowd().cellIndex + 1}</span>
                </button>
              );
            }}
          </Index>
        </div>
      </Show>
    </section>
  );
}

function StripPart(props: { part: string; count: number }) {
  return <span class="strip-part" data-part={props.part} style={{ "--n": String(props.count) }} />;
}
