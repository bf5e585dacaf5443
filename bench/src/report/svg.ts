/** Text of a plot is as safe as its figures' names, but for these. */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

export interface TextStyle {
  readonly size?: number;
  readonly fill?: string;
  readonly anchor?: "start" | "middle" | "end";
  readonly weight?: number;
}

export function textAt(x: number, y: number, text: string, style: TextStyle = {}): string {
  const { size = 12, fill = ink, anchor = "start", weight = 400 } = style;
  return `<text x="${at(x)}" y="${at(y)}" font-size="${size}" fill="${fill}" text-anchor="${anchor}" font-weight="${weight}">${escaped(text)}</text>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, stroke: string, width = 1): string {
  return `<line x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}" stroke="${stroke}" stroke-width="${width}"/>`;
}

export function dot(x: number, y: number, radius: number, fill: string): string {
  return `<circle cx="${at(x)}" cy="${at(y)}" r="${radius}" fill="${fill}"/>`;
}

export function path(points: readonly (readonly [number, number])[], stroke: string): string {
  const d = points.map(([x, y], index) => `${index === 0 ? "M" : "L"}${at(x)} ${at(y)}`).join(" ");
  return `<path d="${d}" fill="none" stroke="${stroke}" stroke-width="2"/>`;
}

/** A place from `from` to `to` for a value, in equal steps for equal factors. */
export function logScale(
  least: number,
  greatest: number,
  from: number,
  to: number,
): (value: number) => number {
  const span = Math.log(greatest / least);
  return (value) =>
    from + ((to - from) * Math.log(Math.min(greatest, Math.max(least, value)) / least)) / span;
}

function at(value: number): string {
  return String(Number(value.toFixed(1)));
}

export const ink = "#1f2933";
export const faint = "#69757f";
export const rule = "#dfe4e8";
export const good = "#1b7f5c";
export const bad = "#c2410c";
export const accent = "#2f5fb3";
