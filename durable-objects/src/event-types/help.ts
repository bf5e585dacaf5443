import { tallyHelp } from "../classroom/state/board/tallies.ts";
import { foldHelp, foldHelpClaim, foldHelpRelease, foldHelpStop } from "../classroom/state/folds/help.ts";
import { helpRaised, helpResolved, helpStopped } from "../sinks/postgres/projections/help.ts";
import type { EventTypes } from "./event-type.ts";

const ofStaff = { isActivity: false, isOfStaff: true };

/** Raised hands. */
export const help: EventTypes = {
  help: { fold: foldHelp, tally: tallyHelp, project: helpRaised },
  help_stop: { fold: foldHelpStop, project: helpStopped },
  help_claim: { fold: foldHelpClaim, ...ofStaff },
  help_release: { fold: foldHelpRelease, ...ofStaff },
  help_resolve: { fold: foldHelpStop, project: helpResolved, ...ofStaff },
};
