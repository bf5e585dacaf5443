import type { Entity, StudentData } from "@cell-monitor/protocol";

/** What an entity says of what has just happened, in a line; undefined where that is nothing for a reader. */
export function describe({ kind, id, data }: Entity): string | undefined {
  if (data === null) return kind === "student" ? `${id} is gone` : undefined;
  if (kind === "student") return describeStudent(data);
  if (kind === "sink" && (data.failing || data.deadLetters > 0)) {
    return `${id}: ${data.failing ? "does not answer" : "answers"}, ${data.behind} events behind, ${data.deadLetters} refused`;
  }
  if (kind === "lesson" && data.kind === "lesson") {
    return `lesson ${data.title ?? id} ${data.stoppedMs === undefined ? "goes on" : "is over"}`;
  }
  return undefined;
}

function describeStudent({ name, help, running, lastRun, streak, present }: StudentData): string {
  const said = name === "" ? "(no name)" : name;
  if (help) return `${said} asks for help${help.note === undefined ? "" : `: ${oneLine(help.note)}`}`;
  if (running) return `${said} runs ${placeOf(running)}`;
  if (lastRun && lastRun.status === "error") {
    const again = streak > 1 ? `, ${streak} times in a row` : "";
    return `${said} ${lastRun.errorName ?? "error"} in ${placeOf(lastRun)}${again}`;
  }
  if (lastRun) return `${said} ran ${placeOf(lastRun)}: ${lastRun.status}`;
  return `${said} ${present ? "is there" : "has left"}`;
}

function placeOf({
  notebook,
  cellIndex,
}: {
  notebook?: string | undefined;
  cellIndex?: number | undefined;
}): string {
  const cell = cellIndex === undefined ? "a cell" : `cell ${cellIndex + 1}`;
  return notebook === undefined ? cell : `${cell} of ${oneLine(notebook)}`;
}

/** What students write must not move a terminal's cursor. */
function oneLine(text: string): string {
  return text.replace(/\p{C}+/gu, " ").slice(0, 200);
}
