import { Match, Switch } from "solid-js";
import { useI18n } from "../i18n/context.tsx";
import type { LinkState } from "../live/make-live-link.ts";

/** Whether what is on the page is what is so. */
export function LivePill(props: { link: LinkState; hasData: boolean }) {
  const { t, timeOfDay } = useI18n();
  const offline = () => (props.link.kind === "offline" ? props.link : undefined);
  return (
    <span
      class="pill live-pill"
      role="status"
      data-testid="live-state"
      data-state={props.link.kind === "refused" ? "offline" : props.link.kind}
    >
      <span class="dot" aria-hidden="true" />
      <Switch fallback={props.hasData ? t("live.reconnecting") : t("live.connecting")}>
        <Match when={props.link.kind === "live"}>{t("live.live")}</Match>
        <Match when={offline()}>{(state) => t("live.offlineSince", timeOfDay(state().sinceMs))}</Match>
      </Switch>
    </span>
  );
}
