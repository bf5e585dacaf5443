import { Index } from "solid-js";
import { useI18n } from "../i18n/context.tsx";

const placeholders = Array.from({ length: 12 }, (_, index) => index);

/** The shape of what will come. */
export function GridSkeleton() {
  const { t } = useI18n();
  return (
    <div class="groups" role="status" aria-label={t("grid.loading")}>
      <div class="skeleton skeleton-strip" />
      <div class="tiles">
        <Index each={placeholders}>{() => <div class="skeleton skeleton-tile" />}</Index>
      </div>
    </div>
  );
}
