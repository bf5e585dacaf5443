import type { StudentStatus } from "@cell-monitor/protocol";
import { useNavigate, useParams } from "@solidjs/router";
import { createEffect, createMemo, createResource, createSignal, onCleanup, onMount, Show } from "solid-js";
import { getClasses } from "../api/session.ts";
import { Announce } from "../components/Announce.tsx";
import { CellStrip } from "../components/CellStrip.tsx";
import { EmptyClass } from "../components/EmptyClass.tsx";
import { GridSkeleton } from "../components/GridSkeleton.tsx";
import { JoinCode } from "../components/JoinCode.tsx";
import { LivePill } from "../components/LivePill.tsx";
import { StorageState } from "../components/StorageState.tsx";
import { StudentGrid } from "../components/StudentGrid.tsx";
import { StudentPanel } from "../components/StudentPanel.tsx";
import { Toolbar } from "../components/Toolbar.tsx";
import { TopBar } from "../components/TopBar.tsx";
import { useI18n } from "../i18n/context.tsx";
import { createCalmOrder } from "../live/create-calm-order.ts";
import { createFilter } from "../live/create-filter.ts";
import { createHelpAlert } from "../live/create-help-alert.ts";
import { createLiveClass } from "../live/create-live-class.ts";
import { createStudents } from "../live/create-students.ts";
import { mainNotebook } from "../live/place.ts";
import { storedChoice } from "../settings/stored-choice.ts";
import { NotFoundView } from "./NotFoundView.tsx";
import { useSession } from "./session-context.tsx";

/** From this many students on, tiles are compact unless somebody chose otherwise. */
const compactFrom = 60;

export function ClassView() {
  const params = useParams();
  const session = useSession();
  const classId = createMemo(() => session.me.classes.find(({ id }) => id === params["classId"])?.id);
  return (
    <Show when={classId()} keyed fallback={<NotFoundView />}>
      {(id) => <OneClass classId={id} />}
    </Show>
  );
}

function OneClass(props: { classId: string }) {
  const { t, timeOfDay } = useI18n();
  const params = useParams();
  const navigate = useNavigate();
  const session = useSession();
  const [classes] = createResource(getClasses);
  const openId = () => params["studentId"];

  const live = createLiveClass({ classId: props.classId, followed: openId });
  const students = createStudents(live);
  const order = createCalmOrder(students);
  const filter = createFilter();

  const known = () => session.me.classes.find(({ id }) => id === props.classId);
  const name = () => live.state.class?.name ?? known()?.name ?? "";
  const joinCode = createMemo(() => {
    const answer = classes();
    return answer?.ok ? answer.value.find(({ id }) => id === props.classId)?.join_code : undefined;
  });
  const raisedLast = createHelpAlert(students, () => `${name()} · ${t("app.name")}`);

  const located = createMemo(() =>
    students()
      .map((student) => ({ ...student.place(), status: student.status() }))
      .map(({ notebook, cellIndex, status }) => ({ notebook, cellIndex, status })),
  );
  const [chosenNotebook, setChosenNotebook] = createSignal<string>();
  const notebook = createMemo<string | undefined>(
    (last) => chosenNotebook() ?? mainNotebook(located()) ?? last ?? Object.keys(live.state.notebooks)[0],
  );
  const chosenCell = createMemo(() => {
    const cell = filter.cell();
    return cell?.notebook === notebook() ? cell?.cellIndex : undefined;
  });
  const counts = createMemo(() => countByStatus(students().map((student) => student.status())));

  const density = storedChoice("density", ["comfortable", "compact"]);
  const [chosenDensity, setChosenDensity] = createSignal(density.read());
  const isCompact = () =>
    (chosenDensity() ?? (students().length >= compactFrom ? "compact" : "")) === "compact";

  const openStudent = createMemo(() => students().find(({ id }) => id === openId()));
  const classPath = () => `/class/${encodeURIComponent(props.classId)}`;
  const hrefOf = (studentId: string) => `${classPath()}/student/${encodeURIComponent(studentId)}`;
  const closePanel = () => {
    const id = openId();
    navigate(classPath(), { scroll: false });
    if (id !== undefined)
      document.querySelector<HTMLElement>(`a[data-student-id="${CSS.escape(id)}"]`)?.focus();
  };

  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Escape" && openId() !== undefined) closePanel();
  };
  onMount(() => document.addEventListener("keydown", onKey));
  onCleanup(() => document.removeEventListener("keydown", onKey));

  createEffect(() => {
    if (live.link().kind === "refused") session.refused();
  });

  return (
    <div class="class-page" classList={{ "has-panel": openStudent() !== undefined }}>
      <TopBar isSignedIn>
        <div class="class-title">
          <h1>{name()}</h1>
          <Show when={session.me.classes.length > 1}>
            <a class="faint" href="/">
              {t("classes.switch")}
            </a>
          </Show>
        </div>
        <Show when={joinCode()}>{(code) => <JoinCode code={code()} />}</Show>
        <div class="top-bar-state">
          <Announce classId={props.classId} />
          <StorageState sinks={live.state.sinks} />
          <LivePill link={live.link()} hasData={live.hasData()} />
        </div>
      </TopBar>
      <p class="visually-hidden" aria-live="polite">
        <Show when={raisedLast()}>{(who) => t("help.announce", who())}</Show>
      </p>
      <Show when={live.hasData() && live.link().kind === "offline"}>
        <p class="banner">{t("live.staleBanner", timeOfDay(live.nowMs()))}</p>
      </Show>
      <main class="class-main" classList={{ stale: live.hasData() && live.link().kind === "offline" }}>
        <Show when={live.hasData()} fallback={<GridSkeleton />}>
          <Show when={students().length > 0} fallback={<EmptyClass joinCode={joinCode()} />}>
            <Toolbar
              filter={filter}
              counts={counts()}
              isHeld={order.isHeld()}
              isCompact={isCompact()}
              onToggleCompact={() => {
                const next = isCompact() ? "comfortable" : "compact";
                density.write(next);
                setChosenDensity(next);
              }}
            />
            <CellStrip
              students={located()}
              notebooks={live.state.notebooks}
              notebook={notebook()}
              chosenCell={chosenCell()}
              onChooseNotebook={setChosenNotebook}
              onChooseCell={(cellIndex) => {
                const path = notebook();
                filter.setCell(
                  cellIndex === undefined || path === undefined ? undefined : { notebook: path, cellIndex },
                );
              }}
            />
            <StudentGrid
              order={order}
              mainNotebook={notebook()}
              matches={filter.matches}
              hrefOf={hrefOf}
              openStudent={openId()}
              notebooks={live.state.notebooks}
              nowMs={live.nowMs()}
              isCompact={isCompact()}
            />
          </Show>
        </Show>
      </main>
      <Show when={openStudent()} keyed>
        {(student) => (
          <StudentPanel
            classId={props.classId}
            ownId={session.me.id}
            student={student}
            runs={live.state.runs}
            notebooks={live.state.notebooks}
            nowMs={live.nowMs()}
            onClose={closePanel}
          />
        )}
      </Show>
    </div>
  );
}

function countByStatus(statuses: readonly StudentStatus[]): Record<StudentStatus, number> {
  const counts = {
    help: 0,
    stuck: 0,
    error: 0,
    idle: 0,
    active: 0,
    not_sharing: 0,
    away: 0,
    not_connected: 0,
  };
  for (const status of statuses) counts[status] += 1;
  return counts;
}
