import { useNavigate, useSearchParams } from "@solidjs/router";
import { createResource, createSignal, Show } from "solid-js";
import type { ApiFailure } from "../api/client.ts";
import { getLoginMethods, providerLoginUrl, redeemLoginLink } from "../api/session.ts";
import { TopBar } from "../components/TopBar.tsx";
import { type I18n, useI18n } from "../i18n/context.tsx";
import { en } from "../i18n/en.ts";

/**
 * Where a sign-in link leads. Its secret is in the fragment, which no server sees, and is spent by a click only:
 * what scans mails for bad links opens them, and must not use them up.
 */
export function LoginView() {
  const i18n = useI18n();
  const { t } = i18n;
  const navigate = useNavigate();
  const [query] = useSearchParams();
  const [secret, setSecret] = createSignal(location.hash.slice(1));
  const [isBusy, setBusy] = createSignal(false);
  const [failure, setFailure] = createSignal<ApiFailure>();
  const [methods] = createResource(getLoginMethods);
  const provider = () => {
    const answer = methods();
    return answer?.ok === true ? answer.value.oidc : null;
  };
  const problem = () => {
    const given = failure();
    return given ? explain(i18n, given) : providerProblem(i18n, query["error"]);
  };

  const signIn = async (event: SubmitEvent) => {
    event.preventDefault();
    setBusy(true);
    setFailure(undefined);
    const answer = await redeemLoginLink(secret());
    setBusy(false);
    if (!answer.ok) {
      setFailure(answer);
      if (answer.status === 401) forgetSecret();
      return;
    }
    forgetSecret();
    navigate(safePath(query["next"]), { replace: true });
  };

  const forgetSecret = () => {
    history.replaceState(history.state, "", location.pathname + location.search);
    setSecret("");
  };

  return (
    <>
      <TopBar />
      <main class="card-page">
        <form class="card login" onSubmit={(event) => void signIn(event)}>
          <img src="/favicon.svg" alt="" width="48" height="48" />
          <h1>{t("login.title")}</h1>
          <Show when={problem()}>
            {(sentence) => (
              <p class="form-error" role="alert">
                {sentence()}
              </p>
            )}
          </Show>
          <Show
            when={secret()}
            fallback={
              <Show when={!methods.loading}>
                <Show when={query["refused"] && !problem()}>
                  <p class="faint">{t("login.refused")}</p>
                </Show>
                <Show when={provider()} fallback={<LinkHint isNeeded={!problem()} />}>
                  {(known) => (
                    <>
                      <a
                        class="primary-button"
                        rel="external"
                        href={providerLoginUrl(safePath(query["next"]), isProviderError(query["error"]))}
                      >
                        {t("login.provider", known().name)}
                      </a>
                      <p class="faint">{t("login.orLink")}</p>
                    </>
                  )}
                </Show>
              </Show>
            }
          >
            <p class="faint">{t("login.ready")}</p>
            <button type="submit" class="primary-button" disabled={isBusy()}>
              {isBusy() ? t("login.busy") : t("login.button")}
            </button>
          </Show>
        </form>
      </main>
    </>
  );
}

function LinkHint(props: { isNeeded: boolean }) {
  const { t } = useI18n();
  return (
    <Show when={props.isNeeded}>
      <p class="faint">{t("login.noLink")}</p>
    </Show>
  );
}

type ProviderError = keyof typeof en.login.error;

function isProviderError(code: unknown): code is ProviderError {
  return typeof code === "string" && Object.hasOwn(en.login.error, code);
}

/** What went wrong at the institution, as the server tells by the address it leads back to. */
function providerProblem({ t }: I18n, code: unknown): string | undefined {
  return isProviderError(code) ? t(`login.error.${code}`) : undefined;
}

function explain({ t }: I18n, failure: ApiFailure): string {
  if (failure.status === 0) return t("login.network");
  if (failure.status === 401) return t("login.spent");
  return t("login.failed", failure.message);
}

/** Only a page of ours: who sends a link must not choose where its reader ends up. */
function safePath(next: string | string[] | undefined): string {
  return typeof next === "string" && /^\/class\/[^/\\]/.test(next) ? next : "/";
}
