import { type StudentStatus, studentStatuses } from "@cell-monitor/protocol";
import { createMemo, For } from "solid-js";
import { useI18n } from "../i18n/context.tsx";
import { Icon } from "./Icon.tsx";

interface StatusChipsProps {
  counts: Readonly<Record<StudentStatus, number>>;
  chosen: ReadonlySet<StudentStatus>;
  onToggle(status: StudentStatus): void;
}

/** Few classes have anybody who does not share: no chip says so of nobody. */
const shownIfAny: ReadonlySet<StudentStatus> = new Set(["not_sharing"]);

/** How many students are in each status; a click shows only those. */
export function StatusChips(props: StatusChipsProps) {
  const { t } = useI18n();
  const shown = createMemo(() =>
    studentStatuses.filter(
      (status) => !shownIfAny.has(status) || props.counts[status] > 0 || props.chosen.has(status),
    ),
  );
  return (
    <div class="chips" role="group" aria-label={t("toolbar.filters")}>
      <For each={shown()}>
        {(status) => (
          <button
            type="button"
            class="chip"
            data-testid="status-chip"
            data-status={status}
            data-empty={props.counts[status] === 0 ? "" : undefined}
            aria-pressed={props.chosen.has(status)}
            onClick={() => props.onToggle(status)}
          >
            <Icon name={status} />
            <span class="chip-word">{t(`status.${status}`)}</span>
            <span class="chip-count">{props.counts[status]}</span>
          </button>
        )}
      </For>
    </div>
  );
}
