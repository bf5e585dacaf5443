import { Navigate } from "@solidjs/router";
import { For, Show } from "solid-js";
import { Icon } from "../components/Icon.tsx";
import { TopBar } from "../components/TopBar.tsx";
import { useI18n } from "../i18n/context.tsx";
import { useSession } from "./session-context.tsx";

/** The classes somebody may see; who may see one goes straight to it. */
export function ClassPickerView() {
  const { t } = useI18n();
  const session = useSession();
  const only = () => (session.me.classes.length === 1 ? session.me.classes[0] : undefined);
  const pathOf = (classId: string) => `/class/${encodeURIComponent(classId)}`;
  return (
    <Show
      when={only()}
      fallback={
        <>
          <TopBar isSignedIn />
          <main class="card-page">
            <section class="card wide">
              <h1>{t("classes.title")}</h1>
              <Show when={session.me.classes.length > 0} fallback={<p class="faint">{t("classes.none")}</p>}>
                <ul class="class-list">
                  <For each={session.me.classes}>
                    {({ id, name, code }) => (
                      <li>
                        <a href={pathOf(id)}>
                          <strong>{name}</strong>
                          <code class="faint">{code}</code>
                          <Icon name="chevron" />
                        </a>
                      </li>
                    )}
                  </For>
                </ul>
              </Show>
            </section>
          </main>
        </>
      }
    >
      {(known) => <Navigate href={pathOf(known().id)} />}
    </Show>
  );
}
