import { isJsonObject } from "../json.ts";

/** What stands where a secret was. */
export const redactedMark = "[redacted]";

// Every pattern begins with a literal, or where no token goes on, and repeats within bounds: a hostile text costs what
// any other of its length does.
const tokens =
  /(?<![\w-])(?:(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Z0-9])|gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_\w{22,255}|glpat-[\w-]{20,255}|xox[abeoprs]-[\w-]{10,255}|AIza[\w-]{35}|sk-[\w-]{20,255}|[sr]k_(?:live|test)_\w{10,255}|npm_[A-Za-z0-9]{36}|hf_[A-Za-z0-9]{30,255}|pypi-[\w-]{50,255}|eyJ[\w-]{8,4096}\.[\w-]{8,8192}\.[\w-]{8,4096})/g;
const slackHooks = /(hooks\.slack\.com\/services\/)[\w/]{8,255}/g;
const bearers = /\b((?:bearer|basic)[ \t]{1,4})[\w.~+/-]{16,4096}={0,2}/gi;
const urlPasswords = /(:\/\/[^\s/:@'"]{0,128}:)[^\s/'"]{1,256}(?=@)/g;

const secretName =
  "(?:pass(?:word|wd|phrase)|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?|authorization)";
const namesSecret = new RegExp(secretName, "i");
/** Values that are not the secret itself: types, and what is called or looked up. */
const noSecret =
  "(?!\\[redacted\\]|(?:str|string|bytes|int|bool|float|None|True|False|null|true|false|undefined|Optional)\\b|[\\w.]{1,100}[ \\t]?[([])";
const quotedValues = new RegExp(
  `(${secretName}\\w{0,30}\\\\?["']?\\]?[ \\t]{0,8}(?:={1,2}|:|=>)[ \\t]{0,8}[bfru]{0,2}\\\\?(["']))(?:(?!\\\\?\\2)[^\\n]){1,1024}`,
  "gi",
);
const bareValues = new RegExp(
  `(${secretName}\\w{0,30}\\\\?["']?\\]?[ \\t]{0,8}(?:={1,2}|:|=>)[ \\t]{0,8})${noSecret}[^\\s"',;&)}\\]\\\\]{3,512}`,
  "gi",
);
const randomValues = /([=:][ \t]{0,8}["'])([A-Za-z0-9+/_-]{32,256})(?=={0,2}["'])/g;

/** A text without what looks like a password, a key or a token; the same string when there was none. */
export function redactSecrets(text: string): string {
  // Nothing shorter is any of these.
  if (text.length < 8) return text;
  let kept = redactPrivateKeys(text);
  if (kept.includes("://")) kept = kept.replace(urlPasswords, `$1${redactedMark}`);
  kept = kept.replace(slackHooks, `$1${redactedMark}`).replace(tokens, redactedMark);
  kept = kept.replace(bearers, `$1${redactedMark}`);
  if (namesSecret.test(kept)) {
    kept = kept.replace(quotedValues, `$1${redactedMark}`).replace(bareValues, `$1${redactedMark}`);
  }
  return kept.replace(randomValues, (whole, before: string, value: string) =>
    looksRandom(value) ? before + redactedMark : whole,
  );
}

/** A JSON value whose texts hold no secrets; under a name that says so, any text is one. Of bounded depth. */
export function redactJson(value: unknown, isSecret = false): unknown {
  if (typeof value === "string") return isSecret && value !== "" ? redactedMark : redactSecrets(value);
  if (Array.isArray(value)) return value.map((item) => redactJson(item, isSecret));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, redactJson(item, isSecret || namesSecret.test(key))]),
  );
}

const keyBegin = "-----BEGIN ";
const keyEnd = "-----END ";

/** By hand: looking for each end from each beginning would take as long as the text's square. */
function redactPrivateKeys(text: string): string {
  let start = text.indexOf(keyBegin);
  if (start < 0) return text;
  let kept = "";
  let from = 0;
  while (start >= 0) {
    const label = text.slice(start + keyBegin.length, start + keyBegin.length + 64);
    if (!/^[A-Z0-9 ]{0,40}PRIVATE KEY/.test(label)) {
      start = text.indexOf(keyBegin, start + keyBegin.length);
      continue;
    }
    kept += text.slice(from, start) + redactedMark;
    const end = text.indexOf(keyEnd, start);
    // Without an end all that follows may be of the key.
    if (end < 0) return kept;
    const closed = text.indexOf("-----", end + keyEnd.length);
    from = closed < 0 ? text.length : closed + "-----".length;
    start = text.indexOf(keyBegin, from);
  }
  return kept + text.slice(from);
}

/** Of three kinds of characters, and none of them often: no word, path or number is like that. */
function looksRandom(value: string): boolean {
  if (!/[a-z]/.test(value) || !/[A-Z]/.test(value) || !/\d/.test(value)) return false;
  const counts = new Map<string, number>();
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length);
  return bits >= 4.2;
}
