// A real OpenID provider, for as long as the process that started this one holds its stdin open. Anybody has an account
// who asks for one; what is claimed of them stands in their name: `ada@class.example;unverified` and so on.
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

// It warns of what is right for a test: nothing is kept, and anybody may log in.
Object.assign(console, { info() {}, warn() {} });

const redirectUris = ["https://class.example/api/v1/auth/oidc/callback"];
const client = {
  client_id: "cell-monitor",
  client_secret: "s".repeat(43),
  redirect_uris: redirectUris,
  post_logout_redirect_uris: ["https://class.example/login"],
  grant_types: ["authorization_code"],
  response_types: ["code"],
};

const server = createServer();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

/** By subject; put there by a request to an address that is the account's name. */
const accounts = new Map();

function claimsOf(id) {
  const [email, ...marks] = id.split(";");
  const value = (name) => marks.find((mark) => mark.startsWith(`${name}=`))?.slice(name.length + 1);
  return {
    sub: value("sub") ?? id,
    email,
    ...(!marks.includes("silent") && { email_verified: !marks.includes("unverified") }),
    name: "Ada",
    groups: value("groups")?.split("+") ?? [],
  };
}

const provider = new Provider(issuer, {
  clients: [
    client,
    { ...client, client_id: "public", client_secret: undefined, token_endpoint_auth_method: "none" },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "groups"] },
  findAccount: (_, subject) => ({ accountId: subject, claims: () => accounts.get(subject) }),
  subjectTypes: ["public"],
  pkce: { required: () => true },
  cookies: { keys: ["test"] },
});
const answer = provider.callback();
server.on("request", (request, response) => {
  if (request.method !== "PUT") return answer(request, response);
  const account = claimsOf(decodeURIComponent(request.url.slice(1)));
  accounts.set(account.sub, account);
  response.end(account.sub);
});
process.stdout.write(`${JSON.stringify({ issuer })}\n`);
for await (const _ of process.stdin);
server.closeAllConnections();
server.close();
