import type { StudentStatus } from "@cell-monitor/protocol";
import { Show } from "solid-js";
import { useI18n } from "../i18n/context.tsx";
import { Icon } from "./Icon.tsx";

/** A status as a picture, a word and a time; its colour only repeats them. */
export function StatusBadge(props: { status: StudentStatus; time?: string | undefined }) {
  const { t } = useI18n();
  return (
    <span class="status-badge" data-status={props.status}>
      <Icon name={props.status} />
      <span>{t(`status.${props.status}`)}</span>
      <Show when={props.time}>
        <span class="status-time">{props.time}</span>
      </Show>
    </span>
  );
}
