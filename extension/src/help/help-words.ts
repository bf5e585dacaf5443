import { fill, type Messages } from "../messages.ts";
import type { HelpDesk } from "./help-desk.ts";

/** What a student whose hand is raised, or isn't, is told of it. */
export function helpWords(
  { isRaised, standing }: Pick<HelpDesk, "isRaised" | "standing">,
  messages: Messages,
): { readonly label: string; readonly title: string } {
  if (!isRaised) return { label: messages.help, title: messages.helpTitle };
  if (standing?.state === "claimed") {
    const name = standing.claimedBy ?? messages.instructor;
    return { label: fill(messages.helpClaimed, { name }), title: fill(messages.helpClaimedTitle, { name }) };
  }
  const n = standing?.position;
  if (n === undefined) return { label: messages.helpRaised, title: messages.helpRaisedTitle };
  return { label: fill(messages.helpInLine, { n }), title: fill(messages.helpInLineTitle, { n }) };
}
