import { onCleanup, onMount } from "solid-js";
import { sendAnnouncement } from "../api/class-actions.ts";
import { useI18n } from "../i18n/context.tsx";
import { Icon } from "./Icon.tsx";
import { WriteBox } from "./WriteBox.tsx";

/** A word to the whole class. */
export function Announce(props: { classId: string }) {
  const { t } = useI18n();
  let details: HTMLDetailsElement | undefined;

  const closeOutside = (event: Event) => {
    if (details && event.target instanceof Node && !details.contains(event.target)) details.open = false;
  };
  const closeByKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !details?.open) return;
    event.stopPropagation();
    details.open = false;
    details.querySelector("summary")?.focus();
  };
  const begin = () => {
    if (details?.open) details.querySelector("textarea")?.focus();
  };
  onMount(() => document.addEventListener("pointerdown", closeOutside));
  onCleanup(() => document.removeEventListener("pointerdown", closeOutside));

  return (
    <details
      class="announce"
      ref={(element) => (details = element)}
      on:toggle={begin}
      on:keydown={closeByKey}
    >
      <summary class="pill">
        <Icon name="announce" />
        <span>{t("write.announce")}</span>
      </summary>
      <div class="popover">
        <WriteBox
          label={t("write.announceLabel")}
          placeholder={t("write.announceHint")}
          send={(text) => sendAnnouncement(props.classId, text)}
          sent={({ reached }) => t("write.announceSent", reached)}
        />
      </div>
    </details>
  );
}
