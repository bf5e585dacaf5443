import type { NotebookData, RunData } from "@cell-monitor/protocol";
import { createMemo, createSignal, For, type JSX, onMount, Show } from "solid-js";
import { sendMessage } from "../api/class-actions.ts";
import { useI18n } from "../i18n/context.tsx";
import type { Student } from "../live/create-students.ts";
import { notebookName } from "../live/place.ts";
import { HelpCallout } from "./HelpCallout.tsx";
import { Icon } from "./Icon.tsx";
import { ProgressRail } from "./ProgressRail.tsx";
import { RunItem } from "./RunItem.tsx";
import { StatusBadge } from "./StatusBadge.tsx";
import { statusTime } from "./StudentTile.tsx";
import { WriteBox } from "./WriteBox.tsx";

interface StudentPanelProps {
  classId: string;
  /** Of who looks. */
  ownId: string;
  student: Student;
  runs: Record<string, RunData>;
  notebooks: Record<string, NotebookData>;
  nowMs: number;
  onClose(): void;
}

/** One student closely, beside the class: the rest stays in sight and in reach. */
export function StudentPanel(props: StudentPanelProps) {
  const i18n = useI18n();
  const { t, ago } = i18n;
  const data = () => props.student.data();
  const place = () => props.student.place();
  const cellCount = () => props.notebooks[place().notebook ?? ""]?.cellCount ?? 0;
  const runs = createMemo(() => recentRuns(props.runs, props.student.id));
  const [heading, setHeading] = createSignal<HTMLHeadingElement>();
  onMount(() => heading()?.focus({ preventScroll: true }));

  return (
    <aside
      class="panel"
      aria-label={t("panel.label", data().name)}
      data-testid="student-panel"
      data-student-id={props.student.id}
    >
      <header class="panel-head">
        <div>
          <h2 ref={setHeading} tabIndex={-1}>
            {data().name}
          </h2>
          <p class="panel-sub">
            <StatusBadge
              status={props.student.status()}
              time={statusTime(i18n, props.student, props.nowMs)}
            />
            <Show when={data().team}>{(team) => <span class="faint">{team()}</span>}</Show>
          </p>
        </div>
        <button
          type="button"
          class="icon-button"
          aria-label={t("panel.close")}
          title="Esc"
          onClick={() => props.onClose()}
        >
          <Icon name="close" />
        </button>
      </header>
      <div class="panel-body">
        <Show when={data().help}>
          {(help) => (
            <HelpCallout
              classId={props.classId}
              studentId={props.student.id}
              help={help()}
              ownId={props.ownId}
              isAway={props.student.isHelpAway()}
              nowMs={props.nowMs}
            />
          )}
        </Show>
        <Show when={!props.student.isSharing()}>
          <p class="faint" data-testid="not-sharing">
            {t("panel.notSharing", data().name)} <Show when={data().runs > 0}>{t("panel.fromBefore")}</Show>
          </p>
        </Show>
        <Show when={props.student.isSharing()}>
          <div class="panel-progress">
            <p>
              <span>{notebookName(place().notebook ?? "") || t("tile.noRun")}</span>
              <Show when={place().cellIndex !== undefined}>
                <span>
                  {t("strip.cell", (place().cellIndex ?? 0) + 1)} /{" "}
                  {Math.max(cellCount(), (place().cellIndex ?? 0) + 1)}
                </span>
              </Show>
            </p>
            <ProgressRail done={data().cellsDone} cellIndex={place().cellIndex} cellCount={cellCount()} />
          </div>
        </Show>
        <WriteBox
          label={t("write.message", data().name)}
          placeholder={t("write.messageHint")}
          send={(text) => sendMessage(props.classId, props.student.id, text)}
          sent={({ reached }) => t(reached > 0 ? "write.messageSeen" : "write.messageWaits")}
        />
        <Show when={props.student.missing() > 0}>
          <p>
            <span class="tag">{t("tile.missing", props.student.missing())}</span>
          </p>
        </Show>
        <dl class="facts">
          <Fact name={t("panel.cellsDone")}>{data().cellsDone}</Fact>
          <Fact name={t("panel.runs")}>{data().runs}</Fact>
          <Fact name={t("panel.errors")}>{data().errors}</Fact>
          <Show when={data().progress}>
            {(progress) => (
              <Fact name={t("panel.checks")}>{t("panel.checksOf", progress().passed, progress().total)}</Fact>
            )}
          </Show>
          <Fact name={t("panel.lastSeen")}>
            {data().seenMs > 0 ? ago(props.nowMs - data().seenMs) : t("tile.neverSeen")}
          </Fact>
        </dl>
        <h3>{t("panel.recentRuns")}</h3>
        <Show when={runs().length > 0} fallback={<p class="faint">{t("panel.noRuns")}</p>}>
          <ol class="run-list">
            <For each={runs()}>
              {(run) => <RunItem run={run} nowMs={props.nowMs} currentNotebook={place().notebook} />}
            </For>
          </ol>
        </Show>
      </div>
    </aside>
  );
}

function Fact(props: { name: string; children: JSX.Element }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

/** A student's runs, the latest first. */
function recentRuns(runs: Record<string, RunData>, studentId: string): RunData[] {
  return Object.values(runs)
    .filter((run) => run.studentId === studentId)
    .sort((left, right) => beganMs(right) - beganMs(left));
}

function beganMs(run: RunData): number {
  return run.startedMs ?? run.endedMs ?? 0;
}
