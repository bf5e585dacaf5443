import { createSignal, onCleanup } from "solid-js";
import { useI18n } from "../i18n/context.tsx";
import { Icon } from "./Icon.tsx";

const copiedShownMs = 2_000;

/** What students type to join; a click copies it. */
export function JoinCode(props: { code: string }) {
  const { t } = useI18n();
  const [isCopied, setCopied] = createSignal(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(props.code);
    } catch {
      // No permission, or no secure context: the code stands there to be read.
      return;
    }
    setCopied(true);
    clearTimeout(timer);
    timer = setTimeout(() => setCopied(false), copiedShownMs);
  };

  return (
    <button type="button" class="join-code" title={t("join.copy")} onClick={() => void copy()}>
      <span class="join-code-label">{isCopied() ? t("join.copied") : t("join.label")}</span>
      <code>{props.code}</code>
      <Icon name={isCopied() ? "ok" : "copy"} />
    </button>
  );
}
