import { For, type JSX, Show } from "solid-js";
import { locales, useI18n } from "../i18n/context.tsx";
import { en } from "../i18n/en.ts";
import { ja } from "../i18n/ja.ts";
import { themes, useTheme } from "../settings/theme.tsx";
import { AccountMenu } from "./AccountMenu.tsx";
import { Icon } from "./Icon.tsx";

const languageNames = { en: en.app.languageName, ja: ja.app.languageName };

/** The bar on top of every page; what is the page's own goes in between. */
export function TopBar(props: { children?: JSX.Element; isSignedIn?: boolean }) {
  const { t, locale, choose } = useI18n();
  const theme = useTheme();

  return (
    <header class="top-bar">
      <a class="brand" href="/" aria-label={t("app.name")}>
        <img src="/favicon.svg" alt="" width="24" height="24" />
      </a>
      {props.children}
      <div class="top-bar-tools">
        <label class="quiet-select">
          <span class="visually-hidden">{t("app.language")}</span>
          <select
            value={locale()}
            onChange={(event) => {
              const chosen = locales.find((known) => known === event.currentTarget.value);
              if (chosen) choose(chosen);
            }}
          >
            <For each={locales}>{(known) => <option value={known}>{languageNames[known]}</option>}</For>
          </select>
        </label>
        <button
          type="button"
          class="icon-button"
          title={`${t("theme.label")}: ${t(`theme.${theme.theme()}`)}`}
          aria-label={`${t("theme.label")}: ${t(`theme.${theme.theme()}`)}`}
          onClick={() => {
            const next = themes[(themes.indexOf(theme.theme()) + 1) % themes.length];
            if (next) theme.choose(next);
          }}
        >
          <Icon name="theme" />
        </button>
        <Show when={props.isSignedIn}>
          <AccountMenu />
        </Show>
      </div>
    </header>
  );
}
