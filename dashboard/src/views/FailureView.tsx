import { Show } from "solid-js";
import type { ApiFailure } from "../api/client.ts";
import { TopBar } from "../components/TopBar.tsx";
import { useI18n } from "../i18n/context.tsx";

/** What is shown when a page can't be. */
export function FailureView(props: { failure: ApiFailure; onRetry?: () => void }) {
  const { t } = useI18n();
  return (
    <>
      <TopBar />
      <main class="card-page">
        <section class="card" role="alert">
          <h1>{t("error.title")}</h1>
          <p>{props.failure.status === 0 ? t("error.network") : props.failure.message}</p>
          <Show when={props.onRetry}>
            <button type="button" class="primary-button" onClick={() => props.onRetry?.()}>
              {t("error.retry")}
            </button>
          </Show>
        </section>
      </main>
    </>
  );
}
