import { expect, it } from "vitest";
import { admitEvent, redactedMark, redactSecrets } from "../src/index.ts";

const join = (...parts: string[]) => parts.join("");

// Put together here, so that no scanner takes this file for a leak.
const secrets = {
  aws: join("AKIA", "ABCD1234EFGH5678"),
  github: join("ghp_", "a1B2".repeat(9)),
  slack: join("xoxb-", "123456789012-abcdef"),
  jwt: join("eyJ", "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0x.c2lnbmF0dXJlMTIz"),
  model: join("sk-", "proj-abcdefghij1234567890"),
};

it.for(Object.entries(secrets))("a token is redacted wherever it stands: %s", ([, secret]) => {
  for (const text of [secret, `x = ${secret}`, `f("${secret}")`, `at ${secret}, line 3`]) {
    const redacted = redactSecrets(text);
    expect(redacted).toContain(redactedMark);
    expect(redacted).not.toContain(secret);
  }
});

it.for([
  ['password = "hunter2 and more"', `password = "${redactedMark}"`],
  ["DB_PASSWORD=hunter2 python x.py", `DB_PASSWORD=${redactedMark} python x.py`],
  ["{'api_key': 'abc123'}", `{'api_key': '${redactedMark}'}`],
  ['os.environ["SECRET_KEY"] = "abc"', `os.environ["SECRET_KEY"] = "${redactedMark}"`],
  ["postgres://ada:pa@ss@db/x", `postgres://ada:${redactedMark}@db/x`],
  ["Authorization: Bearer abcdefghijklmnop1234", `Authorization: Bearer ${redactedMark}`],
  ['k = "aB3dE5gH7jK9mN1pQ3sT5vX7zA9cD1fG"', `k = "${redactedMark}"`],
] as const)("what is assigned to a secret's name is redacted: %s", ([text, redacted]) => {
  expect(redactSecrets(text)).toBe(redacted);
  expect(redactSecrets(redacted)).toBe(redacted);
});

it("a private key is redacted, also one that is cut off", () => {
  const key = (end: string) => `before\n-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n${end}`;
  const end = "-----END RSA PRIVATE KEY-----\nafter";
  expect(redactSecrets(key(end))).toBe(`before\n${redactedMark}\nafter`);
  expect(redactSecrets(key(""))).toBe(`before\n${redactedMark}`);
});

it.for([
  "def tokenize(text):\n    return text.split()",
  "token: str = None",
  "password = input('Password? ')",
  "df = pd.read_csv('data/measurements_of_2024_and_before.csv')",
  "digest = 'd41d8cd98f00b204e9800998ecf8427e'",
  "x = [1, 2, 3]",
])("ordinary code stays as it is: %s", (code) => {
  expect(redactSecrets(code)).toBe(code);
});

it("admission redacts texts and metadata, by name and by form", () => {
  const event = {
    eventId: "e",
    eventType: "cell_execution",
    eventTime: "2026-11-22T10:00:00Z",
    code: `t = "${secrets.github}"`,
    errorTraceback: `KeyError: ${secrets.aws}`,
    settings: { db: { password: "x", tries: 2 }, seen: [secrets.jwt] },
  };
  const verdict = admitEvent(event, { receivedMs: Date.parse("2026-11-22T10:00:01Z") });
  if (!verdict.ok) throw new Error(verdict.message);
  const text = JSON.stringify(verdict.admitted.event);
  for (const secret of Object.values(secrets)) expect(text).not.toContain(secret);
  expect(verdict.admitted.event.metadata).toEqual({
    settings: { db: { password: redactedMark, tries: 2 }, seen: [redactedMark] },
  });
});

it.for(["eyJ", "://a:b", 'password="', "-----BEGIN PRIVATE KEY----- ", "bearer ", "token=a.", '="aB3dE5gH7'])(
  "a text made of the beginnings of secrets is got through: %s",
  (beginning) => {
    const text = beginning.repeat(Math.ceil((256 * 1024) / beginning.length));
    expect(typeof redactSecrets(text)).toBe("string");
  },
);
