import type { StudentStatus } from "@cell-monitor/protocol";
import { createSignal, onCleanup, onMount, Show } from "solid-js";
import { useI18n } from "../i18n/context.tsx";
import type { Filter } from "../live/create-filter.ts";
import { Icon } from "./Icon.tsx";
import { StatusChips } from "./StatusChips.tsx";

interface ToolbarProps {
  filter: Filter;
  counts: Readonly<Record<StudentStatus, number>>;
  isHeld: boolean;
  isCompact: boolean;
  onToggleCompact(): void;
}

/** What is shown of the class, and how. */
export function Toolbar(props: ToolbarProps) {
  const { t } = useI18n();
  const [search, setSearch] = createSignal<HTMLInputElement>();

  const focusSearch = (event: KeyboardEvent) => {
    const isTyping = event.target instanceof HTMLElement && event.target.matches("input, select, textarea");
    if (event.key !== "/" || isTyping || event.metaKey || event.ctrlKey || event.altKey) return;
    event.preventDefault();
    search()?.focus();
  };
  onMount(() => document.addEventListener("keydown", focusSearch));
  onCleanup(() => document.removeEventListener("keydown", focusSearch));

  return (
    <div class="toolbar">
      <StatusChips
        counts={props.counts}
        chosen={props.filter.statuses()}
        onToggle={(status) => props.filter.toggleStatus(status)}
      />
      <div class="toolbar-end">
        <Show when={props.isHeld}>
          <span class="held" title={t("toolbar.held")}>
            <Icon name="pin" />
            <span>{t("toolbar.held")}</span>
          </span>
        </Show>
        <Show when={props.filter.isOn()}>
          <button type="button" class="text-button" onClick={() => props.filter.clear()}>
            {t("toolbar.clear")}
          </button>
        </Show>
        <label class="search">
          <Icon name="search" />
          <span class="visually-hidden">{t("toolbar.search")}</span>
          <input
            ref={setSearch}
            type="search"
            placeholder={t("toolbar.search")}
            value={props.filter.words()}
            onInput={(event) => props.filter.setWords(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== "Escape") return;
              event.stopPropagation();
              props.filter.setWords("");
              event.currentTarget.blur();
            }}
          />
          <kbd aria-hidden="true">/</kbd>
        </label>
        <button
          type="button"
          class="icon-button"
          aria-pressed={props.isCompact}
          aria-label={`${t("toolbar.density")}: ${t(props.isCompact ? "toolbar.compact" : "toolbar.comfortable")}`}
          title={t(props.isCompact ? "toolbar.comfortable" : "toolbar.compact")}
          onClick={() => props.onToggleCompact()}
        >
          <Icon name={props.isCompact ? "tiles" : "rows"} />
        </button>
      </div>
    </div>
  );
}
