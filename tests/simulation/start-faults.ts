import type { FaultKind } from "./fault-kinds.ts";
import type { Host } from "./host.ts";
import { calm } from "./machine-faults.ts";
import { type Network, quiet } from "./network.ts";
import { healthy, type Store } from "./store.ts";

/** What can be made to fail. */
interface Machinery {
  readonly host: Host;
  readonly network: Network;
  readonly stores: readonly Store[];
}

/** Has machine, network and stores fail now and then, in the ways that were drawn. */
export function startFaults({ host, network, stores }: Machinery, faults: ReadonlySet<FaultKind>): void {
  const has = (kind: FaultKind, value: number) => (faults.has(kind) ? value : 0);
  host.faults = {
    slowDisk: has("slow_disk", 0.2),
    diskError: has("disk_error", 0.002),
    lateAlarm: has("late_alarm", 0.3),
    twiceAlarm: has("twice_alarm", 0.5),
  };
  network.faults = {
    slow: has("slow_network", 0.2),
    loss: has("loss", 0.15),
    duplicate: has("duplicate", 0.2),
    lostAnswer: has("lost_answer", 0.2),
    busy: has("busy", 0.1),
    noSocket: has("no_socket", 0.6),
  };
  for (const store of stores) {
    store.faults = {
      slow: has("slow_store", 0.3),
      hang: has("hang", 0.15),
      busy: has("store_busy", 0.15),
      away: has("away", 0.2),
      drop: has("drop", 0.2),
    };
  }
}

/** Has everything work again. */
export function endFaults({ host, network, stores }: Machinery): void {
  host.faults = calm;
  host.crashAfter(Number.POSITIVE_INFINITY);
  network.faults = quiet;
  for (const store of stores) {
    store.faults = healthy;
    store.downUntilMs = 0;
    store.retryAfterMs = undefined;
  }
}
