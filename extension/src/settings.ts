import { type CaptureLevel, captureLevelSchema, normalizeJoinCode } from "@cell-monitor/protocol";
import * as v from "valibot";

// JupyterLab has checked the settings against the schema, unless a file was edited while it ran: what doesn't fit
// falls back to collecting less.
const settingsSchema = v.object({
  serverUrl: v.fallback(v.string(), ""),
  joinCode: v.fallback(v.pipe(v.string(), v.transform(normalizeJoinCode)), ""),
  userName: v.fallback(v.pipe(v.string(), v.trim()), ""),
  teamName: v.fallback(v.pipe(v.string(), v.trim()), ""),
  notebooks: v.fallback(v.array(v.string()), []),
  level: v.fallback(captureLevelSchema, "activity"),
  enabled: v.fallback(v.boolean(), false),
  helpButton: v.fallback(v.boolean(), true),
  locale: v.fallback(v.picklist(["auto", "en", "ja"]), "auto"),
});

export interface MonitorSettings {
  readonly serverUrl: string;
  readonly joinCode: string;
  readonly userName: string;
  readonly teamName: string;
  readonly notebooks: readonly string[];
  readonly level: CaptureLevel;
  readonly enabled: boolean;
  readonly helpButton: boolean;
  readonly locale: "auto" | "en" | "ja";
}

export function readSettings(composite: unknown): MonitorSettings {
  return v.parse(settingsSchema, composite ?? {});
}
