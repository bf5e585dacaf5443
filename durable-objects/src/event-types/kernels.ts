import { foldKernelGone } from "../classroom/state/folds/kernel.ts";
import type { EventTypes } from "./event-type.ts";

export const kernels: EventTypes = {
  kernel_restart: { fold: foldKernelGone },
  kernel_died: { fold: foldKernelGone },
};
