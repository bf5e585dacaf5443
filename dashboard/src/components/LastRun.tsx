import type { StudentData } from "@cell-monitor/protocol";
import { Match, Show, Switch } from "solid-js";
import { duration, stopwatch } from "../format/time.ts";
import { useI18n } from "../i18n/context.tsx";
import { Icon } from "./Icon.tsx";

/** What runs, else what ran last and how it went. */
export function LastRun(props: { student: StudentData; nowMs: number }) {
  const { t, ago } = useI18n();
  return (
    <Switch
      fallback={
        <span class="faint">{props.student.activeMs === 0 ? t("tile.neverSeen") : t("tile.noRun")}</span>
      }
    >
      <Match when={props.student.running}>
        {(running) => (
          <span class="run" data-run="running">
            <Icon name="running" />
            <span class="run-what">{t("tile.running")}</span>
            <span class="run-when">{stopwatch(props.nowMs - running().startedMs)}</span>
          </span>
        )}
      </Match>
      <Match when={props.student.lastRun}>
        {(run) => (
          <span class="run" data-run={run().status}>
            <Icon name={run().status} />
            <span class="run-what">{run().errorName ?? t(`runStatus.${run().status}`)}</span>
            <Show when={props.student.streak > 1}>
              <span class="streak" title={t("tile.streak", props.student.streak)}>
                ×{props.student.streak}
              </span>
            </Show>
            <span class="run-when">
              <Show when={run().status === "ok" && run().durationMs}>
                {(durationMs) => <>{duration(durationMs())} · </>}
              </Show>
              {ago(props.nowMs - run().endedMs)}
            </span>
          </span>
        )}
      </Match>
    </Switch>
  );
}
