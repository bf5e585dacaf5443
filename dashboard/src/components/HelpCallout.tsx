import type { StudentData } from "@cell-monitor/protocol";
import { createSignal, Show } from "solid-js";
import { changeHelp, type HelpChange } from "../api/class-actions.ts";
import { stopwatch } from "../format/time.ts";
import { useI18n } from "../i18n/context.tsx";
import { Icon } from "./Icon.tsx";

interface HelpCalloutProps {
  readonly classId: string;
  readonly studentId: string;
  readonly help: NonNullable<StudentData["help"]>;
  /** Of who looks. */
  readonly ownId: string;
  readonly isAway: boolean;
  readonly nowMs: number;
}

/** A raised hand: since when and why, who is on the way, and what can be done about it. */
export function HelpCallout(props: HelpCalloutProps) {
  const { t } = useI18n();
  const [busy, setBusy] = createSignal<HelpChange>();
  const [failure, setFailure] = createSignal<string>();
  const holder = () => props.help.claimedBy;
  const isOwn = () => holder()?.id === props.ownId;

  const change = async (wanted: HelpChange) => {
    setBusy(wanted);
    setFailure(undefined);
    const answer = await changeHelp(
      props.classId,
      { helpId: props.help.helpId, studentId: props.studentId },
      wanted,
    );
    setBusy(undefined);
    // Who has claimed it, or that it is over, is on the screen by itself.
    const isShown = !answer.ok && (answer.code === "conflict" || answer.code === "not_found");
    if (!answer.ok && !isShown) setFailure(t("write.failed", answer.message));
  };

  const action = (wanted: HelpChange, label: string) => (
    <button
      type="button"
      class="small-button"
      disabled={busy() !== undefined}
      onClick={() => void change(wanted)}
    >
      {label}
    </button>
  );

  return (
    <div class="callout" data-testid="help-callout">
      <Icon name="help" />
      <div>
        <strong>{t("panel.waiting", stopwatch(props.nowMs - props.help.sinceMs))}</strong>
        <Show when={props.help.cellIndex !== undefined}>
          {" "}
          · {t("strip.cell", (props.help.cellIndex ?? 0) + 1)}
        </Show>
        <Show when={props.isAway}>
          {" "}
          <span class="tag">{t("tile.helpAway")}</span>
        </Show>
        <Show when={props.help.note}>{(note) => <p>{note()}</p>}</Show>
        <Show when={holder()}>
          {(who) => (
            <p class="faint">
              {isOwn() ? t("help.claimedByYou") : t("help.claimedBy", who().name ?? t("help.somebody"))}
            </p>
          )}
        </Show>
        <div class="callout-actions">
          <Show when={holder()} fallback={action("claim", t("help.claim"))}>
            {action("release", isOwn() ? t("help.release") : t("help.releaseOther"))}
          </Show>
          {action("resolve", t("help.resolve"))}
        </div>
        <Show when={failure()}>
          {(says) => (
            <p class="failure" role="alert">
              {says()}
            </p>
          )}
        </Show>
      </div>
    </div>
  );
}
