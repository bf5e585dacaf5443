import { limits, type SinkData } from "@cell-monitor/protocol";
import { createMemo, createUniqueId, For, Show } from "solid-js";
import { useI18n } from "../i18n/context.tsx";
import { Icon } from "./Icon.tsx";

/** A store that drains in batches is always a few behind; only more than these are worth a word. */
const usualBacklog = 10 * limits.batchEvents;

/** Whether what the class recorded reaches its stores; opens to say which. */
export function StorageState(props: { sinks: Record<string, SinkData> }) {
  const { t } = useI18n();
  const id = createUniqueId();
  const entries = () => Object.entries(props.sinks).sort(([left], [right]) => (left < right ? -1 : 1));
  const summary = createMemo(() => {
    const sinks = Object.values(props.sinks);
    const behind = Math.max(0, ...sinks.map((sink) => sink.behind));
    const deadLetters = sinks.reduce((sum, sink) => sum + sink.deadLetters, 0);
    if (sinks.some((sink) => sink.failing)) return { state: "failing", text: t("storage.failing") };
    if (behind >= usualBacklog) return { state: "behind", text: t("storage.behind", behind) };
    if (deadLetters > 0) return { state: "behind", text: t("storage.setAside", deadLetters) };
    return { state: "ok", text: t("storage.ok") };
  });

  return (
    <Show when={entries().length > 0}>
      <details class="storage" data-testid="storage-state" data-state={summary().state}>
        <summary class="pill" aria-describedby={id}>
          <Icon name="storage" />
          <span>{summary().text}</span>
        </summary>
        <div class="popover" id={id}>
          <dl>
            <For each={entries()}>
              {([name, sink]) => (
                <div>
                  <dt>{name}</dt>
                  <dd>
                    {sink.failing
                      ? t("storage.sinkFailing")
                      : sink.behind > 0
                        ? t("storage.sinkBehind", sink.behind)
                        : t("storage.sinkOk")}
                    <Show when={sink.deadLetters > 0}> · {t("storage.setAside", sink.deadLetters)}</Show>
                  </dd>
                </div>
              )}
            </For>
          </dl>
          <p>{t("storage.promise")}</p>
        </div>
      </details>
    </Show>
  );
}
