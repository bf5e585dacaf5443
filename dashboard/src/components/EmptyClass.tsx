import { Show } from "solid-js";
import { useI18n } from "../i18n/context.tsx";
import { JoinCode } from "./JoinCode.tsx";

const installCommand = "pip install cell-monitor";

/** What to do while nobody is there yet. */
export function EmptyClass(props: { joinCode: string | null | undefined }) {
  const { t } = useI18n();
  return (
    <section class="empty" data-testid="empty-class">
      <h2>{t("empty.title")}</h2>
      <p class="faint">{t("empty.lead")}</p>
      <ol class="steps">
        <li>
          <p>{t("empty.stepInstall")}</p>
          <pre class="command">{installCommand}</pre>
        </li>
        <li>
          <Show when={props.joinCode} fallback={<p>{t("empty.noCode")}</p>}>
            {(code) => (
              <>
                <p>{t("empty.stepJoin")}</p>
                <JoinCode code={code()} />
              </>
            )}
          </Show>
        </li>
        <li>
          <p>{t("empty.stepWork")}</p>
        </li>
      </ol>
    </section>
  );
}
