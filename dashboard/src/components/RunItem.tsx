import type { RunData } from "@cell-monitor/protocol";
import { Show } from "solid-js";
import { duration, stopwatch } from "../format/time.ts";
import { useI18n } from "../i18n/context.tsx";
import { notebookName } from "../live/place.ts";
import { Icon } from "./Icon.tsx";

interface RunItemProps {
  run: RunData;
  nowMs: number;
  /** The notebook is named only where it isn't the one the student is in. */
  currentNotebook: string | undefined;
}

/** One run of a cell: what, how it went, how long it took, when; what the class may see of it opens. */
export function RunItem(props: RunItemProps) {
  const { t, ago, timeOfDay } = useI18n();
  const status = () => props.run.status ?? "running";
  const took = () => {
    if (props.run.durationMs !== undefined) return duration(props.run.durationMs);
    if (props.run.status === undefined && props.run.startedMs !== undefined)
      return stopwatch(props.nowMs - props.run.startedMs);
    return undefined;
  };
  const atMs = () => props.run.endedMs ?? props.run.startedMs;

  return (
    <li
      class="run-item"
      data-testid="recent-run"
      data-status={status()}
      data-cell-index={props.run.cellIndex}
      data-run={status()}
    >
      <span class="run-icon">
        <Icon name={status()} class={status() === "running" ? "spin" : ""} />
      </span>
      <div class="run-body">
        <p class="run-line">
          <strong>
            {props.run.cellIndex === undefined ? "–" : t("strip.cell", props.run.cellIndex + 1)}
          </strong>
          <span class="run-status">{t(`runStatus.${status()}`)}</span>
          <Show when={took()}>{(text) => <span class="run-took">{text()}</span>}</Show>
          <Show when={props.run.executionCount}>
            {(count) => <code class="faint">{t("panel.execution", count())}</code>}
          </Show>
          <Show when={atMs()}>
            {(ms) => (
              <time class="run-when" dateTime={new Date(ms()).toISOString()} title={timeOfDay(ms())}>
                {ago(props.nowMs - ms())}
              </time>
            )}
          </Show>
        </p>
        <Show when={props.run.notebook !== props.currentNotebook && props.run.notebook}>
          {(notebook) => <p class="faint">{notebookName(notebook())}</p>}
        </Show>
        <Show when={props.run.errorName}>
          {(name) => (
            <p class="run-error">
              <strong>{name()}</strong>
              <Show when={props.run.errorMessage}>{(message) => <>: {message()}</>}</Show>
            </p>
          )}
        </Show>
        <Foldout title={t("panel.code")} text={props.run.code} />
        <Foldout title={t("panel.output")} text={props.run.result} />
        <Foldout title={t("panel.traceback")} text={props.run.errorTraceback} />
      </div>
    </li>
  );
}

function Foldout(props: { title: string; text: string | undefined }) {
  return (
    <Show when={props.text}>
      <details class="foldout">
        <summary>{props.title}</summary>
        <pre>{props.text}</pre>
      </details>
    </Show>
  );
}
