import type { Log } from "@cell-monitor/gateway";

/** A line of JSON for each thing that happened; all of them, or those that somebody should look at. */
export function logTo(stream: NodeJS.WritableStream, what: "everything" | "trouble"): Log {
  return (event, details = {}) => {
    if (what === "trouble" && !isTrouble(event)) return;
    stream.write(`${JSON.stringify({ at: new Date().toISOString(), event, ...details })}\n`);
  };
}

function isTrouble(event: string): boolean {
  return /error|warn|fail|crash|refused/.test(event);
}
