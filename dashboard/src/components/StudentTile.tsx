import type { NotebookData, StudentStatus } from "@cell-monitor/protocol";
import { createMemo, Show } from "solid-js";
import { stopwatch } from "../format/time.ts";
import { type I18n, useI18n } from "../i18n/context.tsx";
import type { Student } from "../live/create-students.ts";
import { notebookName } from "../live/place.ts";
import { LastRun } from "./LastRun.tsx";
import { ProgressRail } from "./ProgressRail.tsx";
import { StatusBadge } from "./StatusBadge.tsx";

interface StudentTileProps {
  student: Student;
  href: string;
  notebooks: Record<string, NotebookData>;
  /** The one most are in: only a student elsewhere has theirs named. */
  mainNotebook: string | undefined;
  nowMs: number;
  isOpen: boolean;
}

/** One student at a glance; opens the student's panel. */
export function StudentTile(props: StudentTileProps) {
  const i18n = useI18n();
  const { t } = i18n;
  const data = () => props.student.data();
  const status = () => props.student.status();
  const place = () => props.student.place();
  const cellCount = () => props.notebooks[place().notebook ?? ""]?.cellCount ?? 0;
  const remark = createMemo(() => remarkOn(i18n, props.student, props.nowMs));
  const holder = () => data().help?.claimedBy;

  return (
    <a
      class="tile"
      href={props.href}
      draggable={false}
      noScroll
      data-testid="student-tile"
      data-student-id={props.student.id}
      data-status={status()}
      data-cell-index={place().cellIndex}
      aria-current={props.isOpen ? "true" : undefined}
    >
      <span class="tile-head">
        <span class="tile-name">{data().name}</span>
        <StatusBadge status={status()} time={statusTime(i18n, props.student, props.nowMs)} />
      </span>
      <span class="tile-place">
        <span class="tile-where">
          <Show when={data().team}>{(team) => <span class="tile-team">{team()}</span>}</Show>
          <Show when={place().notebook !== props.mainNotebook && place().notebook}>
            {(notebook) => <span class="tile-notebook">{notebookName(notebook())}</span>}
          </Show>
        </span>
        <Show when={place().cellIndex !== undefined}>
          <span class="tile-done">{t("tile.done", data().cellsDone)}</span>
          <span class="tile-cell" data-cell-index={place().cellIndex}>
            <span class="visually-hidden">{t("panel.position")} </span>
            {t(
              "tile.cellOf",
              (place().cellIndex ?? 0) + 1,
              Math.max(cellCount(), (place().cellIndex ?? 0) + 1),
            )}
          </span>
        </Show>
      </span>
      <Show when={props.student.isSharing()}>
        <ProgressRail done={data().cellsDone} cellIndex={place().cellIndex} cellCount={cellCount()} />
      </Show>
      <span class="tile-run">
        <Show when={props.student.isSharing()} fallback={<span class="faint">{t("tile.notSharing")}</span>}>
          <LastRun student={data()} nowMs={props.nowMs} />
        </Show>
      </span>
      <Show when={remark() || holder() || props.student.isHelpAway() || props.student.missing() > 0}>
        <span class="tile-remark">
          <Show when={holder()}>
            {(who) => (
              <>
                <span class="tag">{t("help.claimedBy", who().name ?? t("help.somebody"))}</span>{" "}
              </>
            )}
          </Show>
          <Show when={props.student.isHelpAway()}>
            <span class="tag">{t("tile.helpAway")}</span>{" "}
          </Show>
          <Show when={props.student.missing() > 0}>
            <span class="tag">{t("tile.missing", props.student.missing())}</span>{" "}
          </Show>
          {remark()}
        </span>
      </Show>
    </a>
  );
}

const untimed: ReadonlySet<StudentStatus> = new Set(["active", "not_sharing", "not_connected"]);

/** What a status' time is worth showing as: a raised hand ticks, steady work needs no clock. */
export function statusTime({ span }: I18n, student: Student, nowMs: number): string | undefined {
  const status = student.status();
  const elapsedMs = nowMs - student.sinceMs();
  if (status === "help") return stopwatch(elapsedMs);
  if (untimed.has(status)) return undefined;
  return span(elapsedMs);
}

/** The line that says why somebody is where they are in the order. */
function remarkOn(
  { t, ago }: I18n,
  { data, status: now, isSharing }: Student,
  nowMs: number,
): string | undefined {
  const [student, status] = [data(), now()];
  if (status === "help" && student.help?.note) return student.help.note;
  if (!isSharing()) {
    if (status === "help") return undefined;
    if (student.present) return t("tile.isHere");
    return student.seenMs > 0 ? t("tile.lastSeen", ago(nowMs - student.seenMs)) : t("tile.neverSeen");
  }
  if (student.checkin?.choice === "stuck" && status === "stuck") return t("tile.saysStuck");
  if (student.lastRun?.errorMessage && student.streak > 0) return student.lastRun.errorMessage;
  if (student.streak > 1) return t("tile.streak", student.streak);
  if (student.checkin?.choice === "done") return t("tile.saysDone");
  if (student.checkin?.choice === "more_time") return t("tile.saysMoreTime");
  if (status === "away") return t("tile.lastSeen", ago(nowMs - student.seenMs));
  return undefined;
}
