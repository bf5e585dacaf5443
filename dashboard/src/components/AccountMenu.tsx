import { useNavigate } from "@solidjs/router";
import { createSignal, Show } from "solid-js";
import { logOut, logOutEverywhere } from "../api/session.ts";
import { useI18n } from "../i18n/context.tsx";
import { Icon } from "./Icon.tsx";

/** The ways out: of this browser, or of every device, as after one that was left behind. */
export function AccountMenu() {
  const { t } = useI18n();
  const navigate = useNavigate();
  const [isBusy, setBusy] = createSignal(false);
  const [hasFailed, setFailed] = createSignal(false);

  const leave = async () => {
    const elsewhere = await logOut();
    if (elsewhere === undefined) navigate("/login");
    else location.assign(elsewhere);
  };

  const leaveEverywhere = async () => {
    setBusy(true);
    setFailed(false);
    const answer = await logOutEverywhere();
    setBusy(false);
    if (answer.ok || answer.status === 401) navigate("/login");
    else setFailed(true);
  };

  return (
    <details class="account">
      <summary class="icon-button" title={t("session.menu")} aria-label={t("session.menu")}>
        <Icon name="logout" />
      </summary>
      <div class="popover">
        <button type="button" class="menu-button" onClick={() => void leave()}>
          {t("session.logOut")}
        </button>
        <button type="button" class="menu-button" disabled={isBusy()} onClick={() => void leaveEverywhere()}>
          {t("session.logOutEverywhere")}
        </button>
        <Show when={hasFailed()}>
          <p role="alert">{t("session.everywhereFailed")}</p>
        </Show>
      </div>
    </details>
  );
}
