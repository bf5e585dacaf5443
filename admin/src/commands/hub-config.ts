import type { Command } from "commander";
import { doing } from "../command.ts";
import { type HubClass, hubSnippet, labOverrides } from "./hub-snippet.ts";

interface HubOptions {
  readonly keyFile: string;
  readonly group?: string;
  readonly overrides: boolean;
}

const hubConfig = doing<[string], HubOptions>(async (context, { keyFile, group, overrides }, named) => {
  const found = await context.findClass(named);
  const hub: HubClass = {
    url: context.target.url,
    classId: found.id,
    name: found.name,
    joinCode: found.join_code,
    notebooks: found.notebooks,
    keyFile,
    group,
  };
  const snippet = hubSnippet(hub);
  const lab = labOverrides(hub);
  const text = overrides ? JSON.stringify(lab, null, 2) : snippet.trimEnd();
  context.out.result({ jupyterhub_config: snippet, overrides: lab }, text);
});

export function addHubConfigCommand(program: Command): void {
  program
    .command("hub-config")
    .description("print what a JupyterHub needs for a class, for its jupyterhub_config.py")
    .argument("<class>", "the class's id or code")
    .option("--key-file <file>", "where on the Hub the class key is kept", "/srv/jupyterhub/cell-monitor.key")
    .option("--group <group>", "only members of this group of the Hub take part")
    .option("--overrides", "print JupyterLab's overrides.json for the users' image instead", false)
    .action(hubConfig);
}
