import { tallyHelp } from "../classroom/state/board/tallies.ts";
import { foldHelp, foldHelpStop } from "../classroom/state/folds/help.ts";
import { helpRaised, helpStopped } from "../sinks/postgres/projections/help.ts";
import type { EventTypes } from "./event-type.ts";

/** Raised hands. */
export const help: EventTypes = {
  help: { fold: foldHelp, tally: tallyHelp, project: helpRaised },
  help_stop: { fold: foldHelpStop, project: helpStopped },
};
