import { TopBar } from "../components/TopBar.tsx";
import { useI18n } from "../i18n/context.tsx";

export function NotFoundView() {
  const { t } = useI18n();
  return (
    <>
      <TopBar />
      <main class="card-page">
        <section class="card">
          <h1>404</h1>
          <p>{t("error.notFound")}</p>
          <a class="primary-button" href="/">
            {t("error.home")}
          </a>
        </section>
      </main>
    </>
  );
}
