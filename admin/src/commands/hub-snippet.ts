/** What a Hub is to be told of a class. */
export interface HubClass {
  readonly url: string;
  readonly classId: string;
  readonly name: string;
  readonly joinCode: string | null;
  readonly notebooks: readonly string[];
  /** File on the Hub that holds the class key; nobody but the Hub may read it. */
  readonly keyFile: string;
  /** A group of the Hub whose members take part; everybody without one. */
  readonly group: string | undefined;
}

/** A text as Python reads it: JSON's strings are Python's. */
function py(text: string): string {
  return JSON.stringify(text);
}

/**
 * For jupyterhub_config.py. The key stays in the Hub's process: a user's server is given that user's own credential and
 * nothing else. A class server that is slow or away keeps no one from their notebooks.
 */
export function hubSnippet({ url, classId, name, keyFile, group }: HubClass): string {
  return `# Cell Monitor: ${name.replace(/\p{C}+/gu, " ")}
# The class key, from "cell-monitor key issue", in ${keyFile}, readable by the Hub alone.
def _cell_monitor(c):
    import asyncio
    import inspect
    import json
    from pathlib import Path

    from tornado.httpclient import AsyncHTTPClient, HTTPRequest

    url, class_id, group = ${py(url)}, ${py(classId)}, ${group === undefined ? "None" : py(group)}
    key_file, seconds = Path(${py(keyFile)}), 2
    earlier = c.Spawner.pre_spawn_hook if "pre_spawn_hook" in c.Spawner else None

    async def credential(spawner):
        request = HTTPRequest(
            url + "/api/v1/auth/student-credential",
            method="POST",
            headers={
                "Authorization": "Bearer " + key_file.read_text().strip(),
                "Content-Type": "application/json",
            },
            body=json.dumps({"userId": spawner.user.name}),
            connect_timeout=seconds,
            request_timeout=seconds,
        )
        answer = await AsyncHTTPClient(force_instance=True).fetch(request)
        return json.loads(answer.body)["refreshToken"]

    async def pre_spawn_hook(spawner):
        if earlier is not None:
            result = earlier(spawner)
            if inspect.isawaitable(result):
                await result
        if group is not None and group not in {known.name for known in spawner.user.groups}:
            return
        try:
            token = await asyncio.wait_for(credential(spawner), seconds)
        except Exception as error:
            spawner.log.warning("Cell Monitor: no credential for %s: %s", spawner.user.name, error)
            return
        spawner.environment.update(
            CELL_MONITOR_URL=url, CELL_MONITOR_CLASS=class_id, CELL_MONITOR_CREDENTIAL=token
        )

    c.Spawner.pre_spawn_hook = pre_spawn_hook


_cell_monitor(c)  # noqa: F821
`;
}

/** For JupyterLab's overrides.json in the users' image: with it students join at their first start without being asked. */
export function labOverrides({ url, joinCode, notebooks }: HubClass): object {
  return {
    "cell-monitor:plugin": {
      serverUrl: url,
      ...(joinCode !== null && { joinCode }),
      ...(notebooks.length > 0 && { notebooks }),
    },
  };
}
