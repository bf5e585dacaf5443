import { flatten, translator } from "@solid-primitives/i18n";
import {
  type Accessor,
  createContext,
  createEffect,
  createMemo,
  createSignal,
  type ParentProps,
  useContext,
} from "solid-js";
import { storedChoice } from "../settings/stored-choice.ts";
import { type Age, age } from "../format/time.ts";
import { en } from "./en.ts";
import { ja } from "./ja.ts";

const dictionaries = { en: flatten(en), ja: flatten(ja) };
export const locales = ["en", "ja"] as const;
type Locale = (typeof locales)[number];

function createI18n() {
  const stored = storedChoice("locale", locales);
  const [locale, setLocale] = createSignal<Locale>(stored.read() ?? preferredLocale(navigator.languages));
  const dictionary = createMemo(() => dictionaries[locale()]);
  const t = translator(dictionary);
  const inWords = (kind: "age" | "span", { unit, ...rest }: Age): string =>
    unit === "now" ? t(`${kind}.now`) : t(`${kind}.${unit}`, "count" in rest ? rest.count : 0);

  createEffect(() => {
    document.documentElement.lang = locale();
  });

  return {
    t,
    locale: locale satisfies Accessor<Locale>,
    choose(next: Locale) {
      stored.write(next);
      setLocale(next);
    },
    /** `3m ago` */
    ago: (elapsedMs: number) => inWords("age", age(elapsedMs)),
    /** `3m` */
    span: (elapsedMs: number) => inWords("span", age(elapsedMs)),
    timeOfDay: (atMs: number) =>
      new Intl.DateTimeFormat(locale(), { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(
        atMs,
      ),
  };
}

export type I18n = ReturnType<typeof createI18n>;
const I18nContext = createContext<I18n>();

export function I18nProvider(props: ParentProps) {
  return <I18nContext.Provider value={createI18n()}>{props.children}</I18nContext.Provider>;
}

export function useI18n(): I18n {
  const i18n = useContext(I18nContext);
  if (!i18n) throw new Error("There is no I18nProvider around this component.");
  return i18n;
}

export function preferredLocale(languages: readonly string[]): Locale {
  for (const language of languages) {
    const base = language.split("-")[0];
    const found = locales.find((locale) => locale === base);
    if (found) return found;
  }
  return "en";
}
