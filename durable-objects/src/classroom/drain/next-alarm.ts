export interface Deadlines {
  /** When each sink with something pending must run. */
  readonly sinks: readonly number[];
  readonly helpExpiry: number | undefined;
  /** When the log's oldest day will have to go. */
  readonly retention: number | undefined;
}

/** When the class must wake next, Unix ms; undefined: there is nothing to wake for. */
export function nextAlarm({ sinks, helpExpiry, retention }: Deadlines): number | undefined {
  const deadlines = [...sinks, helpExpiry, retention].filter((deadline) => deadline !== undefined);
  return deadlines.length === 0 ? undefined : Math.min(...deadlines);
}
