import { type ActionAnswer, limits } from "@cell-monitor/protocol";
import { createSignal, createUniqueId, Show } from "solid-js";
import type { ApiAnswer } from "../api/client.ts";
import { useI18n } from "../i18n/context.tsx";

interface WriteBoxProps {
  readonly label: string;
  readonly placeholder: string;
  send(text: string): Promise<ApiAnswer<ActionAnswer>>;
  /** What is said once it is sent. */
  sent(answer: ActionAnswer): string;
}

/** A few lines to students. Enter alone breaks the line: what is sent can't be taken back. */
export function WriteBox(props: WriteBoxProps) {
  const { t } = useI18n();
  const id = createUniqueId();
  const [text, setText] = createSignal("");
  const [isBusy, setBusy] = createSignal(false);
  const [outcome, setOutcome] = createSignal<{ isFailure: boolean; says: string }>();

  const send = async () => {
    const wanted = text().trim();
    if (wanted === "" || isBusy()) return;
    setBusy(true);
    setOutcome(undefined);
    const answer = await props.send(wanted);
    setBusy(false);
    if (answer.ok) setText("");
    const says = answer.ok ? props.sent(answer.value) : t("write.failed", answer.message);
    setOutcome({ isFailure: !answer.ok, says });
  };

  return (
    <form
      class="write-box"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <label for={id}>{props.label}</label>
      <textarea
        id={id}
        rows={2}
        maxLength={limits.noticeLength}
        placeholder={props.placeholder}
        value={text()}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setOutcome(undefined);
        }}
        // On the element itself: what listens at the document, as the panel does, would hear of it before it is stopped.
        on:keydown={(event) => {
          if (event.key === "Escape" && text() !== "") event.stopPropagation();
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void send();
        }}
      />
      <div class="write-box-foot">
        <p class="faint" role="status" classList={{ failure: outcome()?.isFailure === true }}>
          <Show when={outcome()}>{(known) => known().says}</Show>
        </p>
        <button type="submit" class="small-button" disabled={isBusy() || text().trim() === ""}>
          {t("write.send")}
        </button>
      </div>
    </form>
  );
}
