/** What stands where a secret was. */
const mark = "[redacted]";

// Each takes time linear in the text: every repetition is bounded, or of characters its end isn't one of.
const secrets: readonly RegExp[] = [
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]*(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?/g,
  // Tokens that show by their form whose they are: OpenAI, GitHub, GitLab, Slack, Hugging Face, AWS, Google, JWT.
  /\bsk-[\w-]{16,200}/g,
  /\b(?:gh[pousr]_|github_pat_|glpat-|hf_|xox[abprs]-)[\w-]{10,255}/g,
  /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g,
  /\bAIza[\w-]{35}/g,
  /\beyJ[\w-]{8,2000}\.[\w-]{8,4000}\.[\w-]{0,1000}/g,
];

// The name stays, so that the code can still be read.
const named =
  /((?:password|passwd|secret|token|api_?key|access_?key)\w{0,20}["']?\]?\s{0,4}[=:]\s{0,4}[a-z]{0,2})(["'])(?:(?!\2)[^\n\\]|\\.){1,500}\2/gi;
const inUrl = /(:\/\/[^\s/:@]{1,100}):[^\s/@]{1,200}@/g;

/** The text without what looks like a password or a key. */
export function redact(text: string): string {
  const unnamed = secrets.reduce((rest, secret) => rest.replace(secret, mark), text);
  return unnamed.replace(named, `$1$2${mark}$2`).replace(inUrl, `$1:${mark}@`);
}
