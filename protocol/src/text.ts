const encoder = new TextEncoder();

/** What stands where a text was cut. */
export const cutMark = "…[cut]";

/** Length in UTF-8 bytes. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

// Postgres refuses U+0000 in text, and a lone surrogate has no UTF-8 form.
const unstorable = /\u0000/g;

/** The text with U+0000 and lone surrogates replaced by U+FFFD; the same string when nothing was wrong. */
export function repairText(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  return wellFormed.includes("\u0000") ? wellFormed.replace(unstorable, "\uFFFD") : wellFormed;
}

/** The text cut to at most `maxBytes` UTF-8 bytes, mark included; the same string when it fits. */
export function cutText(text: string, maxBytes: number): string {
  // A UTF-16 unit takes at most three UTF-8 bytes: most texts are known to fit without encoding them.
  if (text.length * 3 <= maxBytes) return text;
  const room = new Uint8Array(maxBytes);
  if (encoder.encodeInto(text, room).read === text.length) return text;
  const { read } = encoder.encodeInto(text, room.subarray(0, maxBytes - byteLength(cutMark)));
  return text.slice(0, read) + cutMark;
}

// CSI sequences, OSC sequences and two-character escapes, as IPython's and rich's output carries them.
const ansi = /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)|[@-Z\\-_])/g;

export function stripAnsi(text: string): string {
  return text.includes("\u001B") ? text.replace(ansi, "") : text;
}
