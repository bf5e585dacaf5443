import { spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { hubSnippet, labOverrides } from "../src/commands/hub-snippet.ts";

const folder = mkdtempSync(join(tmpdir(), "cell-monitor-hub-"));
const keyFile = join(folder, "key");
writeFileSync(keyFile, "the-class-key\n");
const hub = {
  url: "http://127.0.0.1:9",
  classId: "0192aaaa-0000-7000-8000-000000000001",
  name: 'Stats "1"\nimport os',
  joinCode: "ABCD2345",
  notebooks: ["course/**"],
  keyFile,
  group: undefined,
};

/** What a Hub does with the snippet, short of the Hub: runs the configuration, then its hook for a user called ada. */
const harness = `
import asyncio, sys, types
class Spawner(dict):
    __getattr__ = dict.get
    def __setattr__(self, name, value): self[name] = value
class Response:
    def __init__(self, body): self.body = body
def fetch_with_urllib(request):
    import urllib.request
    made = urllib.request.Request(request.url, request.body.encode(), request.headers, method=request.method)
    return Response(urllib.request.urlopen(made, timeout=request.request_timeout).read())
class AsyncHTTPClient:
    def __init__(self, force_instance=False): pass
    async def fetch(self, request):
        return await asyncio.get_running_loop().run_in_executor(None, fetch_with_urllib, request)
class HTTPRequest:
    def __init__(self, url, **given):
        self.url = url
        self.__dict__.update(given)
tornado = types.ModuleType("tornado"); client = types.ModuleType("tornado.httpclient")
client.AsyncHTTPClient, client.HTTPRequest = AsyncHTTPClient, HTTPRequest
sys.modules.update({"tornado": tornado, "tornado.httpclient": client})
c = types.SimpleNamespace(Spawner=Spawner())
ran = []
async def earlier(spawner): ran.append("earlier")
c.Spawner["pre_spawn_hook"] = earlier
exec(compile(open(sys.argv[1]).read(), "jupyterhub_config.py", "exec"))
log = types.SimpleNamespace(warning=lambda text, *args: ran.append("warned"))
user = types.SimpleNamespace(name="ada", groups=[types.SimpleNamespace(name="stats")])
spawner = types.SimpleNamespace(user=user, log=log, environment={})
asyncio.run(c.Spawner.pre_spawn_hook(spawner))
import json; print(json.dumps({"ran": ran, "environment": spawner.environment}))
`;

function spawnUser(snippet: string): Promise<unknown> {
  const [config, script] = [join(folder, "config.py"), join(folder, "harness.py")];
  writeFileSync(config, snippet);
  writeFileSync(script, harness);
  return new Promise((done, reject) => {
    const child = spawn("python3", [script, config]);
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (text) => (stdout += text));
    child.stderr.on("data", (text) => (stderr += text));
    child.on("close", (code) => (code === 0 ? done(JSON.parse(stdout)) : reject(new Error(stderr))));
  });
}

/** A class server that answers as told, and notes what it was asked. */
async function serving<T>(
  answer: string | undefined,
  work: (url: string, asked: string[]) => Promise<T>,
): Promise<T> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (text) => (body += text));
    request.on("end", () => {
      asked.push(`${request.url} ${request.headers.authorization} ${body}`);
      if (answer !== undefined) response.setHeader("content-type", "application/json").end(answer);
    });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe("the Hub's hook", () => {
  it("gives a user's server that user's credential and never the key, behind the hook that was there", async () => {
    await serving('{"refreshToken":"refresh"}', async (url, asked) => {
      const outcome = await spawnUser(hubSnippet({ ...hub, url }));
      expect(outcome).toEqual({
        ran: ["earlier"],
        environment: {
          CELL_MONITOR_URL: url,
          CELL_MONITOR_CLASS: hub.classId,
          CELL_MONITOR_CREDENTIAL: "refresh",
        },
      });
      expect(asked).toEqual(['/api/v1/auth/student-credential Bearer the-class-key {"userId": "ada"}']);
    });
  });

  it("lets a user's server start without one when the class server is away or hangs", async () => {
    const without = { ran: ["earlier", "warned"], environment: {} };
    expect(await spawnUser(hubSnippet(hub))).toEqual(without);
    expect(await serving(undefined, (url) => spawnUser(hubSnippet({ ...hub, url })))).toEqual(without);
  });

  it("leaves out who is not in the class's group", async () => {
    const outside = await spawnUser(hubSnippet({ ...hub, group: "other" }));
    expect(outside).toEqual({ ran: ["earlier"], environment: {} });
  });
});

it("JupyterLab's overrides name the server, the join code and the notebooks", () => {
  expect(labOverrides(hub)).toEqual({
    "cell-monitor:plugin": { serverUrl: hub.url, joinCode: "ABCD2345", notebooks: ["course/**"] },
  });
});
